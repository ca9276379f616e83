namespace Akka.Pipeline.Actors.Tests.Uploading;

using System.Text;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Actors.Tests.Models;
using Akka.Pipeline.Actors.Uploading;
using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Insight;

public sealed class BodyTests
{
    private readonly ModelSource source = new(new Journal());

    public BodyTests() => source.Put("a", "0123456789");

    [Fact]
    public async Task What_was_hashed_is_what_is_sent_even_when_the_file_changes_afterwards()
    {
        using var file = source.Open("a");
        using var body = await MemoryBody.ReadAsync(file, 2, 5, DigestKinds.Md5, Resources(), default);
        source.Overwrite("a", "9876543210");
        Assert.Equal("23456", TextOf(body.OpenRead()));
        Assert.Equal("23456", TextOf(body.OpenRead()));
        Assert.Equal("23456", Encoding.UTF8.GetString(body.Memory.Span));
        Assert.Equal("adcaec3805aa912c0d0b14a81bedb6ff", body.Digests.Md5);
        Assert.Equal(body.Digest(DigestKinds.Sha256).Sha256, FileBody.Digest(new ModelSourceOf("23456").Open(), 0, 5, DigestKinds.Sha256, default).Sha256);
    }

    [Fact]
    public async Task A_file_that_ends_too_early_has_changed_and_gives_its_memory_back()
    {
        var resources = Resources();
        using var file = source.Open("a");
        await Assert.ThrowsAsync<FileChangedException>(() => MemoryBody.ReadAsync(file, 2, 9, DigestKinds.Md5, resources, default));
        Assert.Throws<FileChangedException>(() => FileBody.Digest(file, 2, 9, DigestKinds.Md5, default));
        Assert.True(resources.Buffers.TakeAsync(resources.Buffers.TotalBytes, default).AsTask().IsCompleted);
    }

    [Fact]
    public async Task A_body_gives_its_memory_back_when_it_is_disposed_of()
    {
        var resources = Resources();
        using var file = source.Open("a");
        var body = await MemoryBody.ReadAsync(file, 0, 10, DigestKinds.None, resources, default);
        var rest = resources.Buffers.TakeAsync(resources.Buffers.TotalBytes, default).AsTask();
        Assert.False(rest.IsCompleted);
        body.Dispose();
        (await rest).Dispose();
    }

    [Fact]
    public async Task An_empty_body_is_a_body()
    {
        source.Put("empty", "");
        using var file = source.Open("empty");
        using var body = await MemoryBody.ReadAsync(file, 0, 0, DigestKinds.Md5, Resources(), default);
        Assert.Equal("d41d8cd98f00b204e9800998ecf8427e", body.Digests.Md5);
        Assert.Equal("", TextOf(body.OpenRead()));
    }

    [Fact]
    public void A_stretch_of_a_file_can_be_read_again_and_sought_in()
    {
        using var file = source.Open("a");
        var body = new FileBody(file, 2, 5, DigestSet.Unknown, Resources());
        Assert.Equal("23456", TextOf(body.OpenRead()));
        using var stream = body.OpenRead();
        stream.Seek(-2, SeekOrigin.End);
        Assert.Equal(('5', '6', -1), ((char)stream.ReadByte(), (char)stream.ReadByte(), stream.ReadByte()));
        stream.Position = 0;
        Assert.Equal("23456", TextOf(stream));
        Assert.Null(body.Broken);
    }

    [Fact]
    public void The_last_bytes_of_a_file_that_changed_are_never_handed_out()
    {
        using var file = source.Open("a");
        var body = new FileBody(file, 0, 10, DigestSet.Unknown, Resources());
        using var stream = body.OpenRead();
        var buffer = new byte[6];
        Assert.Equal(6, stream.Read(buffer));
        source.Overwrite("a", "9876543210");
        Assert.Throws<FileChangedException>(() => stream.Read(buffer));
        Assert.IsType<FileChangedException>(body.Broken);
    }

    [Fact]
    public void A_file_that_shrinks_under_the_stream_has_changed()
    {
        using var file = source.Open("a");
        using var stream = new FileBody(file, 0, 10, DigestSet.Unknown, Resources()).OpenRead();
        source.Overwrite("a", "0");
        Assert.Throws<FileChangedException>(() => TextOf(stream));
    }

    [Fact]
    public async Task A_bandwidth_limit_makes_bytes_wait_and_changes_none()
    {
        var clock = new ManualClock();
        var resources = Resources(bytesPerSecond: 4, clock);
        using var file = source.Open("a");
        using var body = await MemoryBody.ReadAsync(file, 0, 10, DigestKinds.None, resources, default);
        Assert.True(body.Memory.IsEmpty); // Memory would pass by the limit.
        await using var stream = body.OpenRead();
        var buffer = new byte[10];
        Assert.Equal(4, await stream.ReadAsync(buffer.AsMemory(0, 4)));
        var waits = stream.ReadAsync(buffer.AsMemory(4, 6)).AsTask();
        Assert.False(waits.IsCompleted);
        Assert.Equal(TimeSpan.FromSeconds(1.5), clock.LastTimer);
        clock.Fire();
        Assert.Equal(6, await waits.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Equal("0123456789", Encoding.UTF8.GetString(buffer));
    }

    private static string TextOf(Stream stream)
    {
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static TransferResources Resources(long? bytesPerSecond = null, TimeProvider? time = null)
    {
        var retry = new RetrySchedule(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), 1);
        var settings = new NodeSettings(true, TimeSpan.Zero, retry, retry, new UploadSettings(1, 1, 10, 100, 100, 1, 100, bytesPerSecond), 1, TimeSpan.FromSeconds(1));
        var node = new NodeContext(settings, new ModelLedger(new Journal()), new TransferMeters(), time ?? TimeProvider.System, () => 0, _ => null, null);
        return new TransferResources(node, (_, _) => Task.CompletedTask);
    }

    private sealed class ModelSourceOf(string text)
    {
        public Core.Files.ISourceFile Open()
        {
            var one = new ModelSource(new Journal());
            one.Put("x", text);
            return one.Open("x");
        }
    }

    /// <summary>A clock that stands still; its one timer fires when it is told to.</summary>
    private sealed class ManualClock : TimeProvider
    {
        private Action? fire;

        public TimeSpan LastTimer { get; private set; }

        public override long GetTimestamp() => 0;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            LastTimer = dueTime;
            fire = () => callback(state);
            return new Nothing();
        }

        public void Fire() => fire!();

        private sealed class Nothing : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
