namespace Akka.Pipeline.Actors.Tests.Uploading;

using Akka.Pipeline.Actors.Uploading;

public sealed class BodyMemoryTests
{
    private const int PartBytes = 8 << 20;

    [Fact]
    public void A_part_is_read_into_what_the_last_one_was_read_into()
    {
        var memory = new BodyMemory(2 * PartBytes);
        var first = memory.Rent(PartBytes);
        memory.Return(first);
        Assert.Same(first, memory.Rent(PartBytes - 100));
        Assert.NotSame(first, memory.Rent(PartBytes));
    }

    [Fact]
    public void No_more_is_kept_than_may_be()
    {
        var memory = new BodyMemory(2 * PartBytes);
        var arrays = new[] { memory.Rent(PartBytes), memory.Rent(PartBytes), memory.Rent(PartBytes) };
        Array.ForEach(arrays, memory.Return);
        var again = new[] { memory.Rent(PartBytes), memory.Rent(PartBytes), memory.Rent(PartBytes) };
        Assert.Equal(2, again.Intersect(arrays).Count());
    }

    [Fact]
    public void A_small_body_does_not_take_the_memory_of_a_large_one()
    {
        var memory = new BodyMemory(2 * PartBytes);
        memory.Return(memory.Rent(PartBytes));
        Assert.True(memory.Rent(PartBytes / 3).Length < PartBytes / 2);
    }
}
