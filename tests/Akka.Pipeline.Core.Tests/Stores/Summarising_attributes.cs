namespace Akka.Pipeline.Core.Tests.Stores;

using System.Text.Json;
using Akka.Pipeline.Core.Stores;

public sealed class Summarising_attributes
{
    [Fact]
    public void The_text_is_the_one_that_stands_in_older_ledgers()
    {
        var tags = new Dictionary<string, string>(StringComparer.Ordinal) { ["b"] = "ü\"<", ["a"] = "" };
        var attributes = new ObjectAttributes("text/plain", null, "aws:kms", "key", tags);

        Assert.Equal("[\"text/plain\",null,\"aws:kms\",\"key\",[[\"a\",\"\"],[\"b\",\"\\u00FC\\u0022\\u003C\"]]]", attributes.Summary);
        Assert.Equal(JsonSerializer.Serialize(new object?[] { "text/plain", null, "aws:kms", "key", new[] { new[] { "a", "" }, ["b", "ü\"<"] } }), attributes.Summary);
    }
}
