using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Components;

namespace Portal.Web.Replication;

/// <summary>SQL in colours: enough to read a function by, no more.</summary>
public sealed partial class SqlText
{
    private readonly List<(string Text, string? Css)> parts = [];

    [Parameter, EditorRequired]
    public string Text { get; set; } = "";

    protected override void OnParametersSet()
    {
        parts.Clear();
        var end = 0;
        foreach (Match token in Tokens().Matches(Text))
        {
            Add(Text[end..token.Index], null);
            Add(token.Value, token.Groups.Values.Skip(1).First(g => g.Success).Name);
            end = token.Index + token.Length;
        }

        Add(Text[end..], null);
    }

    private void Add(string text, string? css)
    {
        if (text.Length > 0)
        {
            parts.Add((text, css));
        }
    }

    [GeneratedRegex(
        """
        (?<comment>--[^\n]*|/\*[\s\S]*?\*/)|(?<text>'(?:[^']|'')*')|(?<number>\b\d+(?:\.\d+)?\b)|(?<keyword>\b(?:
        after|all|alter|always|and|any|array|as|before|begin|by|case|column|commit|comment|constraint|create|declare|default|deferrable|deferred|definer|
        delete|disable|distinct|drop|each|else|elsif|enable|end|except|exception|execute|exists|false|for|foreign|from|function|grant|group|if|immutable|
        import|in|initially|insert|into|invoker|is|join|language|limit|loop|new|not|null|of|old|on|or|order|over|perform|procedure|raise|referencing|replace|
        return|returning|returns|row|schema|security|select|server|set|stable|statement|table|then|to|trigger|true|truncate|union|update|using|values|
        volatile|when|where|with)\b)
        """,
        RegexOptions.IgnoreCase | RegexOptions.IgnorePatternWhitespace | RegexOptions.ExplicitCapture)]
    private static partial Regex Tokens();
}
