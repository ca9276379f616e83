namespace Akka.Pipeline.Node.Control;

using System.Net.Sockets;
using System.Text;
using Akka.Pipeline.Node.Settings;

/// <summary>Where the control socket of a data folder lies.</summary>
internal static class ControlAddress
{
    /// <summary>Bytes of a socket's path: sun_path has 108 with the zero at its end (unix(7), Linux man-pages 6.9).</summary>
    private const int MostBytes = 107;

    public static string FileOf(string dataFolder) => Path.Combine(dataFolder, "control.sock");

    /// <summary>The address to bind or connect to: the absolute path, or the one from the working folder where only that is short enough.</summary>
    /// <exception cref="ConfigurationException">Both are too long.</exception>
    public static UnixDomainSocketEndPoint Of(string dataFolder)
    {
        var file = FileOf(dataFolder);
        var usable = new[] { file, Path.GetRelativePath(Environment.CurrentDirectory, file) }.FirstOrDefault(path => Encoding.UTF8.GetByteCount(path) <= MostBytes);
        return usable is not null
            ? new UnixDomainSocketEndPoint(usable)
            : throw new ConfigurationException(
                $"The control socket '{file}' has a path of {Encoding.UTF8.GetByteCount(file)} bytes, and Linux takes {MostBytes}. Choose a data folder with a shorter path (--data, or pipeline.node.data), or work from a folder near to it.");
    }
}
