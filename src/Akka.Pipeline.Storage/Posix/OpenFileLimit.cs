namespace Akka.Pipeline.Storage.Posix;

using System.Globalization;

/// <summary>How many files this process may have open. .NET raises the soft limit to the hard one at its start, so there is nothing left to raise.</summary>
public static class OpenFileLimit
{
    /// <summary>The limit; what an ordinary system gives where it is unlimited or cannot be read.</summary>
    public static long Current { get; } = Read();

    private static long Read()
    {
        const long ordinary = 1024;
        try
        {
            // "Max open files            1024                 524288               files"
            var line = System.IO.File.ReadLines("/proc/self/limits").FirstOrDefault(l => l.StartsWith("Max open files", StringComparison.Ordinal));
            return long.TryParse(line?[14..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? limit : ordinary;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ordinary;
        }
    }
}
