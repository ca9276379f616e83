namespace Akka.Pipeline.Benchmarks.Measuring;

using System.Collections;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

/// <summary>A program to run and measure.</summary>
/// <param name="Environment">Variables besides those of this process; an empty one is taken away.</param>
/// <param name="OutputFile">Takes what it writes to both outputs.</param>
internal sealed record ChildCommand(string Program, IReadOnlyList<string> Arguments, string Folder, IReadOnlyDictionary<string, string> Environment, string OutputFile);

/// <summary>What a finished process cost.</summary>
/// <param name="ExitCode">Minus the number of the signal that ended it, if one did.</param>
/// <param name="Cpu">User and kernel time, of its own children too (wait4(2)).</param>
/// <param name="PeakResidentBytes">The highest VmHWM that was seen, every 20 ms (proc(5)); of a process that ends sooner 0.</param>
internal sealed record ChildCost(int ExitCode, DateTimeOffset StartedAt, TimeSpan Wall, TimeSpan Cpu, long PeakResidentBytes);

/// <summary>
/// Runs a child by posix_spawn(3) and wait4(2): .NET's Process tells nothing of a process that has ended. Its peak memory does not come from wait4, as that begins with
/// the memory of whoever spawned the child.
/// </summary>
internal static partial class ChildProcess
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);
    private const int OpenForWriting = 0x1 | 0x40 | 0x200;
    private const int KillSignal = 9;
    private const int UserReadsAndWrites = 0x180;
    private const int OpaqueBytes = 1024;
    private const short SetSignalMaskAndDefaults = 0x04 | 0x08;

    /// <param name="limit">Longest time; then it is killed.</param>
    /// <param name="whileRunning">Called with the process id after the start, on the thread that looks at the memory.</param>
    public static ChildCost Run(ChildCommand command, TimeSpan limit, Action<int>? whileRunning = null)
    {
        var startedAt = DateTimeOffset.UtcNow;
        var started = Stopwatch.GetTimestamp();
        var process = Spawn(command);
        using var ended = new ManualResetEventSlim();
        long peakBytes = 0;
        var looks = new Thread(() =>
        {
            whileRunning?.Invoke(process);
            do
            {
                peakBytes = Math.Max(peakBytes, ProcessFacts.PeakResidentBytes(process));
                if (Stopwatch.GetElapsedTime(started) > limit)
                {
                    _ = Kill(process, KillSignal);
                }
            }
            while (!ended.Wait(BetweenLooks));
        });
        looks.Start();
        Wait(process, out var status, out var usage);
        var wall = Stopwatch.GetElapsedTime(started);
        ended.Set();
        looks.Join();
        var signal = status & 0x7f;
        return new(signal == 0 ? (status >> 8) & 0xff : -signal, startedAt, wall, usage.Total, peakBytes);
    }

    private static void Wait(int process, out int status, out Usage usage)
    {
        while (Wait4(process, out status, 0, out usage) != process)
        {
            if (Marshal.GetLastPInvokeError() != 4)
            {
                throw new InvalidOperationException($"wait4 failed with error {Marshal.GetLastPInvokeError()}.");
            }
        }
    }

    private static unsafe int Spawn(ChildCommand command)
    {
        var actions = stackalloc byte[OpaqueBytes];
        var attributes = stackalloc byte[OpaqueBytes];
        var noSignals = stackalloc byte[128];
        var allSignals = stackalloc byte[128];
        new Span<byte>(noSignals, 128).Clear();
        new Span<byte>(allSignals, 128).Fill(0xff);
        _ = ActionsInit(actions);
        _ = AttributesInit(attributes);
        // .NET ignores SIGPIPE, and a child would inherit that.
        _ = SetFlags(attributes, SetSignalMaskAndDefaults);
        _ = SetMask(attributes, noSignals);
        _ = SetDefaults(attributes, allSignals);
        _ = AddOpen(actions, 0, "/dev/null", 0, 0);
        _ = AddOpen(actions, 1, command.OutputFile, OpenForWriting, UserReadsAndWrites);
        _ = AddDup2(actions, 1, 2);
        _ = AddChdir(actions, command.Folder);
        var environment = System.Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(e => (string)e.Key, e => (string)e.Value!, StringComparer.Ordinal);
        foreach (var (name, value) in command.Environment)
        {
            environment[name] = value;
        }

        foreach (var name in environment.Where(e => e.Value.Length == 0).Select(e => e.Key).ToList())
        {
            environment.Remove(name);
        }

        var arguments = Strings([command.Program, .. command.Arguments]);
        var variables = Strings([.. environment.Select(e => $"{e.Key}={e.Value}")]);
        try
        {
            fixed (nint* argv = arguments)
            fixed (nint* envp = variables)
            {
                var error = SpawnP(out var process, command.Program, actions, attributes, argv, envp);
                return error == 0 ? process : throw new InvalidOperationException($"'{command.Program}' cannot be started: error {error.ToString(CultureInfo.InvariantCulture)}.");
            }
        }
        finally
        {
            _ = ActionsDestroy(actions);
            _ = AttributesDestroy(attributes);
            Array.ForEach(arguments, Marshal.FreeCoTaskMem);
            Array.ForEach(variables, Marshal.FreeCoTaskMem);
        }
    }

    private static nint[] Strings(IReadOnlyList<string> texts) => [.. texts.Select(Marshal.StringToCoTaskMemUTF8), 0];

    [StructLayout(LayoutKind.Sequential, Size = 144)]
    private struct Usage
    {
        private readonly long _userSeconds;
        private readonly long _userMicroseconds;
        private readonly long _kernelSeconds;
        private readonly long _kernelMicroseconds;

        public readonly TimeSpan Total => TimeSpan.FromSeconds(_userSeconds + _kernelSeconds) + TimeSpan.FromMicroseconds(_userMicroseconds + _kernelMicroseconds);
    }

    [LibraryImport("libc", EntryPoint = "posix_spawnp", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int SpawnP(out int process, string file, byte* actions, byte* attributes, nint* argv, nint* envp);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    private static unsafe partial int ActionsInit(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    private static unsafe partial int ActionsDestroy(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addopen", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int AddOpen(byte* actions, int descriptor, string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    private static unsafe partial int AddDup2(byte* actions, int descriptor, int copy);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addchdir_np", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int AddChdir(byte* actions, string path);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    private static unsafe partial int AttributesInit(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_destroy")]
    private static unsafe partial int AttributesDestroy(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    private static unsafe partial int SetFlags(byte* attributes, short flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigmask")]
    private static unsafe partial int SetMask(byte* attributes, byte* signals);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    private static unsafe partial int SetDefaults(byte* attributes, byte* signals);

    [LibraryImport("libc", EntryPoint = "wait4", SetLastError = true)]
    private static partial int Wait4(int process, out int status, int options, out Usage usage);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
