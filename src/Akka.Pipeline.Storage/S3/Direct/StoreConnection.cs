namespace Akka.Pipeline.Storage.S3.Direct;

using System.Diagnostics;
using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Akka.Pipeline.Storage.Posix;

/// <summary>
/// One connection to a store, on which HTTP/1.1 (RFC 9112) is spoken, one request after the other. Every call waits where it stands; <see cref="Abort"/> from another thread ends the wait.
/// What is not HTTP is an <see cref="S3TroubleException"/>; a connection that breaks is an IOException or a SocketException.
/// </summary>
internal sealed class StoreConnection : IDisposable
{
    private const int FirstBufferBytes = 2048;
    private const int MostHeadBytes = 64 << 10;
    private const int MostLineBytes = 4096;

    // After so long without a byte taken it is time to see whether the store has said why.
    private static readonly TimeSpan Refusal = TimeSpan.FromMilliseconds(500);

    private readonly Socket socket;
    private readonly SslStream? tls;
    private readonly long openedAt = Stopwatch.GetTimestamp();
    private long restsSince = Stopwatch.GetTimestamp();
    private byte[] buffer = new byte[FirstBufferBytes];

    // The head of the answer lies at the beginning of the buffer; what has come after it and is not read yet lies between these.
    private int headEnd;
    private int begin;
    private int end;

    private long remainingBytes;
    private bool isChunked;
    private bool isEnded;
    private bool staysOpen;

    public StoreConnection(string origin, Socket socket, SslStream? tls)
    {
        Origin = origin;
        this.socket = socket;
        this.tls = tls;
        if (tls is null)
        {
            socket.SendTimeout = (int)Refusal.TotalMilliseconds;
        }
    }

    /// <summary>Whom it leads to.</summary>
    public string Origin { get; }

    /// <summary>It has carried a request before.</summary>
    public bool IsUsed { get; private set; }

    /// <summary>Of the answer whose head was read last; 0 before.</summary>
    public int Status { get; private set; }

    public bool IsEncrypted => tls is not null;

    /// <summary>The last answer was read to its end, and the connection may carry another request.</summary>
    public bool IsReusable => staysOpen && isEnded && begin == end;

    public TimeSpan Age => Stopwatch.GetElapsedTime(openedAt);

    public TimeSpan Rest => Stopwatch.GetElapsedTime(restsSince);

    /// <summary>Something has come, or the other side has closed the connection.</summary>
    public bool HasInput(TimeSpan within) => begin < end || socket.Poll(within, SelectMode.SelectRead);

    public void BeginRest()
    {
        (IsUsed, Status) = (true, 0);
        restsSince = Stopwatch.GetTimestamp();
    }

    /// <summary>Sends all of it, or as much as is taken before nothing is for a while.</summary>
    /// <returns>How many bytes are on their way.</returns>
    public int Send(ReadOnlySpan<byte> bytes)
    {
        if (tls is not null)
        {
            tls.Write(bytes);
            return bytes.Length;
        }

        while (true)
        {
            // Not Socket.Send: when it gives up in the middle, it does not say how much had been taken, and that would go out twice.
            var sent = (int)Libc.Send(socket.SafeHandle, bytes, bytes.Length, Libc.SendNoSignal);
            if (sent >= 0)
            {
                return sent;
            }

            if (Libc.LastError is var error && error != Errno.Interrupted)
            {
                return error == Errno.Again ? 0 : throw new IOException(Marshal.GetPInvokeErrorMessage(error));
            }
        }
    }

    /// <summary>Reads the head of an answer, perhaps of one that is to be followed by another (100 to 199).</summary>
    public void ReadHead()
    {
        buffer.AsSpan(begin, end - begin).CopyTo(buffer);
        (begin, end, headEnd) = (0, end - begin, 0);
        while ((headEnd = AnswerHead.EndOf(buffer.AsSpan(0, end))) < 0)
        {
            if (end >= MostHeadBytes)
            {
                throw Unreadable("the head of the answer has no end");
            }

            headEnd = 0;
            Receive();
        }

        begin = headEnd;
        (Status, staysOpen) = AnswerHead.StatusOf(buffer.AsSpan(0, headEnd)) ?? throw Unreadable("it does not begin as HTTP/1.1 does");
        if (Status >= 200)
        {
            ReadFraming();
        }
    }

    /// <summary>A header of the last answer; several of the same name are joined with ", ".</summary>
    /// <param name="name">In whatever case.</param>
    public string? Find(ReadOnlySpan<byte> name) => AnswerHead.Find(buffer.AsSpan(0, headEnd), name);

    /// <summary>Reads from the body of the answer; 0 at its end.</summary>
    public int Read(Span<byte> into)
    {
        if (isEnded)
        {
            return 0;
        }

        if (isChunked && remainingBytes == 0 && !NextChunk())
        {
            return 0;
        }

        if (begin == end)
        {
            (begin, end) = (headEnd, headEnd);
            if (!TryReceive())
            {
                // Without a length it is the end of the connection that ends the body.
                return remainingBytes == long.MaxValue ? End() : throw Broken();
            }
        }

        var read = (int)Math.Min(Math.Min(into.Length, end - begin), remainingBytes);
        buffer.AsSpan(begin, read).CopyTo(into);
        begin += read;
        remainingBytes -= remainingBytes == long.MaxValue ? 0 : read;
        if (remainingBytes == 0 && isChunked)
        {
            ReadLine();
        }
        else if (remainingBytes == 0)
        {
            End();
        }

        return read;
    }

    /// <summary>Ends the wait of whoever uses it; for another thread.</summary>
    public void Abort()
    {
        try
        {
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is at its end already.
        }
    }

    public void Dispose()
    {
        tls?.Dispose();
        socket.Dispose();
    }

    private static IOException Broken() => new("the store closed the connection");

    private static S3TroubleException Unreadable(string why) => new(new S3Trouble(TroubleKind.Unreadable, 0, "UnreadableAnswer", why));

    // RFC 9112, 6.3
    private void ReadFraming()
    {
        var connection = Find("connection"u8);
        staysOpen = connection is null ? staysOpen : !connection.Contains("close", StringComparison.OrdinalIgnoreCase) && (staysOpen || connection.Contains("keep-alive", StringComparison.OrdinalIgnoreCase));
        (isChunked, isEnded, remainingBytes) = (false, false, long.MaxValue);
        if (Status is 204 or 304)
        {
            End();
        }
        else if (Find("transfer-encoding"u8) is { } coding)
        {
            isChunked = coding.Equals("chunked", StringComparison.OrdinalIgnoreCase) ? true : throw Unreadable("its transfer coding is not known");
            remainingBytes = 0;
        }
        else if (Find("content-length"u8) is { } length)
        {
            if (!long.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out remainingBytes) || remainingBytes == long.MaxValue)
            {
                throw Unreadable("its length is not a number");
            }

            isEnded = remainingBytes == 0;
        }
        else
        {
            staysOpen = false;
        }
    }

    private bool NextChunk()
    {
        var line = ReadLine();
        var size = line.Split(';')[0].Trim();
        if (!long.TryParse(size, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out remainingBytes) || remainingBytes is < 0 or long.MaxValue)
        {
            throw Unreadable("a chunk's length is not a number");
        }

        if (remainingBytes > 0)
        {
            return true;
        }

        while (ReadLine().Length > 0)
        {
            // A trailer, which nothing is read from.
        }

        End();
        return false;
    }

    private string ReadLine()
    {
        var line = new StringBuilder();
        while (true)
        {
            if (begin == end)
            {
                (begin, end) = (headEnd, headEnd);
                Receive();
            }

            var c = (char)buffer[begin++];
            if (c == '\n')
            {
                return line is [.., '\r'] ? line.ToString(0, line.Length - 1) : line.ToString();
            }

            if (line.Append(c).Length > MostLineBytes)
            {
                throw Unreadable("a line of its body has no end");
            }
        }
    }

    private int End()
    {
        isEnded = true;
        return 0;
    }

    private void Receive()
    {
        if (!TryReceive())
        {
            throw Broken();
        }
    }

    private bool TryReceive()
    {
        if (end == buffer.Length)
        {
            Array.Resize(ref buffer, 2 * buffer.Length);
        }

        var room = buffer.AsSpan(end);
        var read = tls is null ? socket.Receive(room) : tls.Read(room);
        end += read;
        return read > 0;
    }
}
