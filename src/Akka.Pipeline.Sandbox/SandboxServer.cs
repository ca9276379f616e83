namespace Akka.Pipeline.Sandbox;

using System.Net;
using System.Text;
using Akka.Pipeline.Sandbox.Protocol;
using Akka.Pipeline.Sandbox.Serving;
using Akka.Pipeline.Sandbox.Store;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

/// <summary>
/// A local S3 endpoint for trying things out and for tests. It checks signatures, checksums and conditions as AWS documents them, keeps objects as plain files,
/// and fails on demand. It is no store for data that matters.
/// </summary>
public sealed class SandboxServer : IAsyncDisposable
{
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(2);

    private readonly WebApplication _container;
    private readonly IServer _server;
    private readonly ObjectStore _store;
    private readonly RequestHandler _handler;
    private int _disposed;

    private SandboxServer(WebApplication container, IServer server, ObjectStore store, RequestHandler handler, SandboxOptions options)
    {
        (_container, _server, _store, _handler) = (container, server, store, handler);
        Faults = handler.Faults;
        Statistics = handler.Statistics;
        var port = new Uri(server.Features.Get<IServerAddressesFeature>()!.Addresses.First().Replace("//[::]", "//localhost", StringComparison.Ordinal)).Port;
        Endpoint = new UriBuilder(options.Certificate is null ? "http" : "https", options.Host == "*" ? "localhost" : options.Host, port).Uri;
    }

    /// <summary>Where the server listens, with the port it got.</summary>
    public Uri Endpoint { get; }

    /// <summary>What is to go wrong. Nothing does by itself.</summary>
    public SandboxFaults Faults { get; }

    /// <summary>What was asked for so far.</summary>
    public SandboxStatistics Statistics { get; }

    /// <summary>Opens the root folder and begins to listen.</summary>
    /// <exception cref="IOException">The address is taken, or the folder is used by another sandbox. A retry helps once that is over.</exception>
    /// <exception cref="ArgumentException">A setting makes no sense; the message names it.</exception>
    public static async Task<SandboxServer> StartAsync(SandboxOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.AccessKey.Length == 0 || options.SecretKey.Length == 0)
        {
            throw new ArgumentException("AccessKey and SecretKey must not be empty.", nameof(options));
        }

        if (options.RecentRequests < 0)
        {
            throw new ArgumentException("RecentRequests must be 0 or more.", nameof(options));
        }

        if (options.BelievesClients && !options.NullMode)
        {
            throw new ArgumentException("BelievesClients is for NullMode only.", nameof(options));
        }

        var store = new ObjectStore(options);
        var handler = new RequestHandler(options, store);
        WebApplication? container = null;
        try
        {
            // The container only makes the web server. It is never started itself: a host would listen for signals, and those are the process's business.
            var builder = WebApplication.CreateEmptyBuilder(new());
            builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(settings =>
            {
                Limit(settings);
                Listen(settings, options);
            });
            builder.Services.AddSingleton<IMemoryPoolFactory<byte>>(new LargeBlocks());
            container = builder.Build();
            var server = container.Services.GetRequiredService<IServer>();
            await server.StartAsync(new HttpApplication(handler), cancellation);
            return new(container, server, store, handler, options);
        }
        catch
        {
            if (container is not null)
            {
                await container.DisposeAsync();
            }

            await handler.DisposeAsync();
            store.Dispose();
            throw;
        }
    }

    /// <summary>Stops listening, breaks off what still runs after two seconds, and closes the folder. Commits that a fault put off do not happen any more.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _handler.StopAsync();
        using (var limit = new CancellationTokenSource(StopWithin))
        {
            await _server.StopAsync(limit.Token);
        }

        await _container.DisposeAsync();
        await _handler.DisposeAsync();
        _store.Dispose();
    }

    private static void Limit(KestrelServerOptions settings)
    {
        settings.AddServerHeader = false;
        settings.ResponseHeaderEncodingSelector = _ => Encoding.UTF8;
        // How large a body may be is S3's business, and slow clients are what tests are about.
        settings.Limits.MaxRequestBodySize = null;
        settings.Limits.MinRequestBodyDataRate = null;
        settings.Limits.MinResponseDataRate = null;
        // A key of 1,024 bytes is three times as long when encoded, and a presigned request carries its token in the query.
        settings.Limits.MaxRequestLineSize = 32 * 1024;
        settings.Limits.MaxRequestBufferSize = 1 << 20;
    }

    private static void Listen(KestrelServerOptions settings, SandboxOptions options)
    {
        void Configure(ListenOptions listen)
        {
            listen.Protocols = HttpProtocols.Http1;
            if (options.Certificate is not null)
            {
                listen.UseHttps(options.Certificate);
            }
        }

        if (options.Host == "*")
        {
            settings.ListenAnyIP(options.Port, Configure);
        }
        else if (string.Equals(options.Host, "localhost", StringComparison.OrdinalIgnoreCase))
        {
            if (options.Port == 0)
            {
                settings.Listen(IPAddress.Loopback, 0, Configure);
            }
            else
            {
                settings.ListenLocalhost(options.Port, Configure);
            }
        }
        else if (IPAddress.TryParse(options.Host, out var address))
        {
            settings.Listen(address, options.Port, Configure);
        }
        else
        {
            throw new ArgumentException($"Host '{options.Host}' is no IP address, not localhost, and not *.", nameof(options));
        }
    }
}
