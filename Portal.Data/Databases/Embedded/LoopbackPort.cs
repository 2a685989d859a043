using System.Net;
using System.Net.Sockets;

namespace Portal.Data.Databases.Embedded;

/// <summary>Ports of the loopback address.</summary>
internal static class LoopbackPort
{
    /// <summary>Whether nobody listens there now; 0 never counts as free.</summary>
    public static bool IsFree(int port)
    {
        if (port == 0)
        {
            return false;
        }

        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>One that nobody listens on now.</summary>
    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
