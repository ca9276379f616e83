namespace Akka.Pipeline.Benchmarks.Measuring;

using System.Globalization;

/// <summary>What /proc tells of a running process (proc(5)).</summary>
internal static class ProcessFacts
{
    private const double TicksPerSecond = 100;
    private const string PeakOfResidentSet = "VmHWM:";
    private static readonly TimeSpan NoCpu = TimeSpan.Zero;

    /// <summary>Peak of the resident set; 0 for a process that has ended.</summary>
    public static long PeakResidentBytes(int process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(l => l.StartsWith(PeakOfResidentSet, StringComparison.Ordinal));
            return line is null ? 0 : 1024 * long.Parse(line.AsSpan(PeakOfResidentSet.Length, line.Length - PeakOfResidentSet.Length - 3), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    /// <summary>User and kernel time so far, in steps of 10 ms; 0 for a process that has ended.</summary>
    public static TimeSpan Cpu(int process)
    {
        try
        {
            // The name in parentheses may hold blanks; utime and stime are the 12th and 13th behind it.
            var text = File.ReadAllText($"/proc/{process}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return TimeSpan.FromSeconds((long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond);
        }
        catch (IOException)
        {
            return NoCpu;
        }
    }
}
