namespace Akka.Pipeline.Sandbox.Tests;

using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

public sealed class ControlEndpointTests : SandboxTest
{
    protected override SandboxOptions Options => base.Options with { ControlEndpoint = true };

    [Fact]
    public async Task Another_process_sets_faults_and_reads_statistics()
    {
        using var http = new HttpClient { BaseAddress = Server.Endpoint };
        using var set = await http.PostAsync(new Uri("_sandbox/faults?seed=5", UriKind.Relative), JsonContent.Create(new { fault = "SlowDown", operations = new[] { "PutObject" }, times = 1, before = "00:00:01" }));
        Assert.Equal(HttpStatusCode.OK, set.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), Assert.Single(Server.Faults.Rules).Before);
        Assert.Equal("SlowDown", (await Raw().SendAsync("PUT", $"/{Bucket}/k", body: [1])).Code);

        var statistics = await http.GetFromJsonAsync<JsonElement>("_sandbox/statistics");
        Assert.Equal(1, statistics.GetProperty("counts").GetProperty("PutObject").GetInt64());
        Assert.Equal("SlowDown", statistics.GetProperty("recent").EnumerateArray().Last().GetProperty("fault").GetString());

        using var cleared = await http.DeleteAsync(new Uri("_sandbox/faults", UriKind.Relative));
        Assert.Empty(Server.Faults.Rules);
        using var reset = await http.DeleteAsync(new Uri("_sandbox/statistics", UriKind.Relative));
        Assert.Equal(0, Server.Statistics.Total);
    }

    [Fact]
    public async Task What_a_rule_does_not_say_is_as_in_a_program()
    {
        using var http = new HttpClient { BaseAddress = Server.Endpoint };
        using var set = await http.PostAsync(new Uri("_sandbox/faults", UriKind.Relative), new StringContent("{\"fault\":\"SlowDown\"}"));
        Assert.Equal(HttpStatusCode.OK, set.StatusCode);
        var rule = Assert.Single(Server.Faults.Rules);
        Assert.Empty(rule.Operations);
        Assert.Equal(new FaultRule { Fault = FaultKind.SlowDown, Operations = rule.Operations }, rule);
    }

    [Theory]
    [InlineData("{\"fault\":\"Nonsense\"}")]
    [InlineData("{\"fault\":\"SlowDown\",\"operation\":[\"PutObject\"]}")]
    [InlineData("{\"fault\":\"SlowDown\",\"operations\":[\"Put\"]}")]
    [InlineData("{\"fault\":\"SlowDown\",\"skip\":-1}")]
    [InlineData("{}")]
    [InlineData("no json")]
    public async Task A_rule_that_makes_no_sense_is_refused(string rule)
    {
        using var http = new HttpClient { BaseAddress = Server.Endpoint };
        using var set = await http.PostAsync(new Uri("_sandbox/faults", UriKind.Relative), new StringContent(rule));
        Assert.Equal(HttpStatusCode.BadRequest, set.StatusCode);
        Assert.Empty(Server.Faults.Rules);
    }

    [Fact]
    public async Task It_is_there_only_where_the_options_say_so()
    {
        await RestartAsync(Options with { ControlEndpoint = false });
        using var http = new HttpClient { BaseAddress = Server.Endpoint };
        using var answer = await http.GetAsync(new Uri("_sandbox/faults", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }
}
