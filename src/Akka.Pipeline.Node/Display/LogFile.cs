namespace Akka.Pipeline.Node.Display;

using System.Text;

/// <summary>
/// A log file that stays within bounds: when it is full it becomes the old one (".1"), which replaces the one before. A disk that is full or gone costs lines, never the daemon.
/// </summary>
public sealed class LogFile(string file, long maximumBytes = LogFile.MaximumBytes) : TextWriter
{
    /// <summary>After so much the file becomes the old one. The two together are enough for about 300,000 lines.</summary>
    public const long MaximumBytes = 16L << 20;

    private readonly Lock gate = new();
    private FileStream? stream;

    public override Encoding Encoding { get; } = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

    /// <summary>The log of a data folder.</summary>
    public static string Of(string dataFolder) => Path.Combine(dataFolder, "logs", "pipeline.log");

    public override void Write(char value) => Write(value.ToString());

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void Write(string? value)
    {
        if (string.IsNullOrEmpty(value))
        {
            return;
        }

        lock (gate)
        {
            try
            {
                Append(Encoding.GetBytes(value));
            }
            catch (Exception full) when (full is IOException or UnauthorizedAccessException)
            {
                // Not being able to say something is no reason to do nothing. The next line tries again.
                stream?.Dispose();
                stream = null;
            }
        }
    }

    public override void WriteLine(string? value) => Write(value + "\n");

    protected override void Dispose(bool disposing)
    {
        lock (gate)
        {
            stream?.Dispose();
            stream = null;
        }

        base.Dispose(disposing);
    }

    private void Append(byte[] bytes)
    {
        stream ??= Open();
        if (stream.Length > 0 && stream.Length + bytes.Length > maximumBytes)
        {
            stream.Dispose();
            stream = null;
            File.Move(file, file + ".1", overwrite: true);
            stream = Open();
        }

        stream.Write(bytes);
        stream.Flush();
    }

    private FileStream Open()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        return new FileStream(file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
    }
}
