namespace Akka.Pipeline.Actors.Uploading;

using System.Buffers;

/// <summary>
/// The arrays that bodies are read into. Small ones are .NET's shared ones. Of those it would keep one of each size for every thread that ever gave one back, and of a part's size that is more
/// memory than all uploads under way have; so large ones are kept here.
/// </summary>
/// <param name="mostKeptBytes">What may lie here unused.</param>
public sealed class BodyMemory(long mostKeptBytes)
{
    private const int SmallBytes = 1 << 20;

    private readonly Lock gate = new();
    private readonly List<byte[]> kept = [];
    private long keptBytes;

    /// <summary>An array of at least that length, with whatever it held last.</summary>
    public byte[] Rent(int lengthBytes)
    {
        if (lengthBytes <= SmallBytes)
        {
            return ArrayPool<byte>.Shared.Rent(Math.Max(lengthBytes, 1));
        }

        lock (gate)
        {
            // Not one of twice the length for what has its size once: the budget counts the bytes of bodies.
            var index = kept.FindLastIndex(array => array.Length >= lengthBytes && array.Length / 2 <= lengthBytes);
            if (index >= 0)
            {
                var array = kept[index];
                kept.RemoveAt(index);
                keptBytes -= array.Length;
                return array;
            }
        }

        return GC.AllocateUninitializedArray<byte>(lengthBytes);
    }

    /// <summary>Gives one back; nobody may use it any more.</summary>
    public void Return(byte[] array)
    {
        ArgumentNullException.ThrowIfNull(array);
        if (array.Length <= SmallBytes)
        {
            ArrayPool<byte>.Shared.Return(array);
            return;
        }

        lock (gate)
        {
            if (keptBytes + array.Length <= mostKeptBytes)
            {
                kept.Add(array);
                keptBytes += array.Length;
            }
        }
    }
}
