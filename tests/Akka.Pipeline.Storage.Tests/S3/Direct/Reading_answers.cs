namespace Akka.Pipeline.Storage.Tests.S3.Direct;

using System.Net;
using System.Net.Sockets;
using System.Text;
using Akka.Pipeline.Storage.S3;
using Akka.Pipeline.Storage.S3.Direct;

/// <summary>What a connection makes of the bytes that come over it, in pieces of every size.</summary>
public sealed class Reading_answers
{
    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello", true)]
    [InlineData("HTTP/1.1 200\r\ncontent-length:0\r\n\r\n", 200, "", true)]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n", 204, "", true)]
    [InlineData("HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", 200, "hello", true)]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, "ok", true)]
    [InlineData("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 503 Slow Down\r\nContent-Length: 2\r\n\r\nno", 503, "no", true)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;name=value\r\nlo\r\n0\r\nTrailer: x\r\n\r\n", 200, "hello", true)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 200, "", true)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello", 200, "hello", false)]
    [InlineData("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello", false)]
    [InlineData("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello", 200, "hello", true)]
    [InlineData("HTTP/1.1 200 OK\r\n\r\nhello", 200, "hello", false)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\n", 200, "hello", false)]
    public void A_body_ends_where_its_head_says(string answer, int status, string body, bool isReusable)
    {
        foreach (var pieceBytes in new[] { 1, 2, 7, 4096 })
        {
            using var connection = Say(answer, pieceBytes);
            do
            {
                connection.ReadHead();
            }
            while (connection.Status < 200);

            Assert.Equal((pieceBytes, status, body), (pieceBytes, connection.Status, ReadBody(connection)));

            // What comes after the end has come by the time that this is asked in one piece only.
            Assert.True(pieceBytes < 4096 || connection.IsReusable == isReusable, answer);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel")]
    public void An_answer_that_breaks_off_is_a_broken_connection(string answer)
    {
        using var connection = Say(answer, 4096);
        Assert.Throws<IOException>(() =>
        {
            connection.ReadHead();
            ReadBody(connection);
        });
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n\r\n")]
    [InlineData("HTTP/2 200 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 2000 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 abc OK\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nhello\r\n")]
    public void What_is_not_HTTP_is_said_to_be_unreadable(string answer)
    {
        using var connection = Say(answer, 4096);
        var trouble = Assert.Throws<S3TroubleException>(() =>
        {
            connection.ReadHead();
            ReadBody(connection);
        }).Trouble;
        Assert.Equal(TroubleKind.Unreadable, trouble.Kind);
    }

    [Fact]
    public void A_head_without_an_end_is_not_read_for_ever()
    {
        using var connection = Say("HTTP/1.1 200 OK\r\n" + new string('x', 1 << 20), 1 << 16);
        Assert.Equal(TroubleKind.Unreadable, Assert.Throws<S3TroubleException>(connection.ReadHead).Trouble.Kind);
    }

    [Fact]
    public void Headers_are_found_in_whatever_case_and_all_of_a_name()
    {
        var head = "HTTP/1.1 200 OK\r\nETag: \"a\"\r\nx-list:  one \r\nX-LIST: two\r\nETagged: no\r\n\r\n"u8;
        Assert.Equal("\"a\"", AnswerHead.Find(head, "etag"u8));
        Assert.Equal("one, two", AnswerHead.Find(head, "X-List"u8));
        Assert.Null(AnswerHead.Find(head, "tag"u8));
        Assert.Null(AnswerHead.Find(head, "http/1.1 200 ok"u8));
    }

    private static string ReadBody(StoreConnection connection)
    {
        var body = new StringBuilder();
        Span<byte> some = stackalloc byte[3];
        while (connection.Read(some) is > 0 and var read)
        {
            body.Append(Encoding.ASCII.GetString(some[..read]));
        }

        return body.ToString();
    }

    // A thread says it, and closes.
    private static StoreConnection Say(string answer, int pieceBytes)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(listener.LocalEndpoint);
        var server = listener.AcceptSocket();
        server.NoDelay = true;
        new Thread(() =>
        {
            try
            {
                foreach (var piece in Encoding.ASCII.GetBytes(answer).Chunk(pieceBytes))
                {
                    server.Send(piece);
                }

                server.Shutdown(SocketShutdown.Both);
            }
            catch (SocketException)
            {
                // Who has read enough goes away.
            }
            finally
            {
                server.Dispose();
            }
        }) { IsBackground = true }.Start();
        return new StoreConnection("http://localhost", client, null);
    }
}
