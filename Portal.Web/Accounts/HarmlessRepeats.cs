namespace Portal.Web.Accounts;

/// <summary>
/// A form sent twice, by an impatient double click, arrives the second time with the anti-forgery token of somebody who
/// was not yet signed in, or no longer is. What was asked for is done already, so the answer is that of the first.
/// </summary>
public static class HarmlessRepeats
{
    public static IApplicationBuilder UseHarmlessRepeats(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        var isSignedIn = context.User.Identity?.IsAuthenticated is true;
        string? done = !HttpMethods.IsPost(context.Request.Method) ? null
            : isSignedIn && context.Request.Path.Equals(AccountPaths.SignIn) ? AccountPaths.Safe(context.Request.Query["returnUrl"])
            : !isSignedIn && context.Request.Path.Equals(AccountPaths.SignOut) ? AccountPaths.SignIn
            : null;
        if (done is null)
        {
            return next(context);
        }

        context.Response.Redirect(done);
        return Task.CompletedTask;
    });
}
