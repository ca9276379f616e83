namespace Akka.Pipeline.Sandbox.Serving;

using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;

/// <summary>
/// What the web server reads into. Its own blocks have 4 KiB (Kestrel 10.0, 2026-11), and it asks the system for one block at a time: with them, half a
/// million calls for a body of 2 GiB cost more than all the rest.
/// </summary>
internal sealed class LargeBlocks : IMemoryPoolFactory<byte>
{
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new Pool();

    private sealed class Pool : MemoryPool<byte>
    {
        private const int BlockBytes = 64 << 10;
        private const int MostKept = 128;

        private readonly ConcurrentQueue<Block> free = new();

        public override int MaxBufferSize => BlockBytes;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockBytes);
            return free.TryDequeue(out var block) ? block : new Block(this);
        }

        protected override void Dispose(bool disposing) => free.Clear();

        // Pinned, because the system writes into it.
        private sealed class Block(Pool pool) : IMemoryOwner<byte>
        {
            public Memory<byte> Memory { get; } = GC.AllocateUninitializedArray<byte>(BlockBytes, pinned: true);

            public void Dispose()
            {
                if (pool.free.Count < MostKept)
                {
                    pool.free.Enqueue(this);
                }
            }
        }
    }
}
