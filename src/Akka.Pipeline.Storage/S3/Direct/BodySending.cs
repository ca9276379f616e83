namespace Akka.Pipeline.Storage.S3.Direct;

using System.Buffers;
using Akka.Pipeline.Core.Stores;

/// <summary>Puts a request on a connection: head and beginning of the body in one piece, the rest in large blocks, each of which is progress.</summary>
internal static class BodySending
{
    // What goes out with the head; one call of the system costs more than copying that much.
    private const int FirstBlockBytes = 32 << 10;

    // On a line of 1 Mbit/s that 30 uploads share, one block takes 30 s.
    private const int BlockBytes = 128 << 10;

    // A store that honours 100-continue says so at once; the others take the body without having asked for it.
    private static readonly TimeSpan AnswerToAsking = TimeSpan.FromSeconds(1);

    /// <summary>Sends all that the store wants to have of it.</summary>
    /// <param name="connection">Where to.</param>
    /// <param name="head">To the blank line, and that with it.</param>
    /// <param name="asks">The head asks whether the body may come.</param>
    /// <param name="body">The body.</param>
    /// <param name="stall">Told of progress.</param>
    /// <returns>Whether the body is sent; otherwise the store's final answer is read already, as far as its head.</returns>
    public static bool Send(StoreConnection connection, ref SigningText head, bool asks, IUploadBody body, StallClock stall)
    {
        if (asks)
        {
            if (!SendAll(connection, head.Bytes) || (connection.HasInput(AnswerToAsking) && IsRefused(connection)))
            {
                return false;
            }

            head.Clear();
        }

        var memory = body.Memory.Length == body.LengthBytes ? body.Memory.Span : default;
        return memory.Length == body.LengthBytes ? SendMemory(connection, ref head, memory, stall) : SendStream(connection, head.Bytes, body, stall);
    }

    private static bool SendMemory(StoreConnection connection, ref SigningText head, ReadOnlySpan<byte> memory, StallClock stall)
    {
        var first = Math.Min(memory.Length, FirstBlockBytes);
        head.Append(memory[..first]);
        if (!SendAll(connection, head.Bytes))
        {
            return false;
        }

        for (var at = first; at < memory.Length; at += BlockBytes)
        {
            stall.Touch();
            if (IsRefusedAlready(connection) || !SendAll(connection, memory.Slice(at, Math.Min(BlockBytes, memory.Length - at))))
            {
                return false;
            }
        }

        if (memory.Length > first)
        {
            stall.Touch();
        }

        return true;
    }

    private static bool SendStream(StoreConnection connection, ReadOnlySpan<byte> head, IUploadBody body, StallClock stall)
    {
        if (!SendAll(connection, head))
        {
            return false;
        }

        using var from = body.OpenRead();
        var block = ArrayPool<byte>.Shared.Rent(BlockBytes);
        try
        {
            for (var left = body.LengthBytes; left > 0;)
            {
                // What the bandwidth limit holds back is not the store's delay.
                stall.Pause();
                var read = from.ReadAsync(block.AsMemory(0, (int)Math.Min(BlockBytes, left)), stall.Token).AsTask().GetAwaiter().GetResult();
                stall.Touch();
                if (read == 0)
                {
                    throw new IOException("the body is shorter than was said");
                }

                if (IsRefusedAlready(connection) || !SendAll(connection, block.AsSpan(0, read)))
                {
                    return false;
                }

                left -= read;
            }

            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    // A store that refuses a body need not take the rest of it.
    private static bool SendAll(StoreConnection connection, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var sent = connection.Send(bytes);
            if (sent == 0 && IsRefusedAlready(connection))
            {
                return false;
            }

            bytes = bytes[sent..];
        }

        return true;
    }

    // Over TLS what has come may be of the protocol itself, and reading it would wait for more.
    private static bool IsRefusedAlready(StoreConnection connection) => !connection.IsEncrypted && connection.HasInput(TimeSpan.Zero) && IsRefused(connection);

    private static bool IsRefused(StoreConnection connection)
    {
        connection.ReadHead();
        return connection.Status >= 200;
    }
}
