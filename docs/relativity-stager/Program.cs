// A stager for `rsmf relativity upload --command dotnet --command RsmfStager.dll`: it brings files into
// RelativityOne's staging area with Relativity.Transfer.SDK, and speaks the contract of docs/relativity.md.

using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Relativity.Transfer.SDK;
using Relativity.Transfer.SDK.Core.ProgressReporting;
using Relativity.Transfer.SDK.Interfaces.Authentication;
using Relativity.Transfer.SDK.Interfaces.Options;
using Relativity.Transfer.SDK.Interfaces.Paths;
using Relativity.Transfer.SDK.Interfaces.ProgressReporting;

return await Stager.RunAsync(args);

internal sealed record Listed(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("size")] long Size);

internal static class Stager
{
    // Names within the dataset, by the path that the SDK reports.
    private static readonly Dictionary<string, Listed> BySource = new(StringComparer.OrdinalIgnoreCase);
    private static readonly object Output = new();
    private static long told;
    private static long bytes;
    private static int files;
    private static int failures;

    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            var options = Options.Parse(args);
            await TransferAsync(options);
            if (failures > 0)
            {
                return 1;
            }
            Tell(new { @event = "done", files, bytes });
            return 0;
        }
        catch (Exception error)
        {
            // Types and messages only: no requests, in which credentials would stand.
            for (var cause = error; cause is not null; cause = cause.InnerException)
            {
                Console.Error.WriteLine($"{cause.GetType().Name}: {cause.Message}");
            }
            return 1;
        }
    }

    private static async Task TransferAsync(Options options)
    {
        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, pressed) =>
        {
            pressed.Cancel = true;
            stop.Cancel();
        };
        var client = TransferClientBuilder.FullPathWorkflow
            .WithAuthentication(new ClientCredentials())
            .WithClientName("rsmf")
            .WithStagingExplorerContext()
            .Build();
        var result = await client.UploadItemsAsync(
            options.Job,
            Entities(options),
            new DirectoryPath(options.Destination),
            new UploadListOfItemsOptions(),
            Progress(),
            stop.Token);
        if (result.TotalFilesFailed + result.TotalFilesSkipped > 0 || result.TotalFilesTransferred != BySource.Count)
        {
            failures += 1;
            Console.Error.WriteLine(
                $"{result.State.Status}: {result.TotalFilesTransferred} of {BySource.Count} files transferred, "
                + $"{result.TotalFilesFailed} failed, {result.TotalFilesSkipped} skipped");
        }
    }

    private static async IAsyncEnumerable<TransferEntity> Entities(Options options)
    {
        using var list = new StreamReader(options.Files);
        while (await list.ReadLineAsync() is { } line)
        {
            var listed = JsonSerializer.Deserialize<Listed>(line) ?? throw new InvalidDataException("an empty line");
            var source = Path.GetFullPath(Path.Combine(options.Source, listed.Name));
            lock (Output)
            {
                BySource[source] = listed;
            }
            // Relative to the destination; a backslash in front would be refused.
            var target = listed.Name.Replace('/', '\\');
            yield return new TransferEntity(new FilePath(source), new FilePath(target));
        }
    }

    private static ITransferProgressHandler Progress() => TransferProgressHandlerBuilder.Instance
        .OnStatistics(statistics => Progressed(statistics.CurrentBytesTransferred))
        .OnSucceededItem(item => Arrived(item.Source.ToString()!))
        .OnFailedItem(item => Failed(item.Source.ToString()!, item.Exception?.Message ?? "it does not say why"))
        .OnSkippedItem(item => Failed(item.Source.ToString()!, "it was skipped"))
        .Create();

    private static void Progressed(long current)
    {
        lock (Output)
        {
            if (current > told)
            {
                Tell(new { @event = "progress", bytes = current - told });
                told = current;
            }
        }
    }

    private static void Arrived(string source)
    {
        lock (Output)
        {
            if (BySource.TryGetValue(Path.GetFullPath(source), out var listed))
            {
                using var content = File.OpenRead(source);
                var sha256 = Convert.ToHexString(SHA256.HashData(content)).ToLowerInvariant();
                Tell(new { @event = "file", name = listed.Name, size = content.Length, sha256 });
                files += 1;
                bytes += content.Length;
            }
        }
    }

    private static void Failed(string source, string message)
    {
        lock (Output)
        {
            failures += 1;
            var name = BySource.TryGetValue(Path.GetFullPath(source), out var listed) ? listed.Name : source;
            Tell(new { @event = "failed", name, message });
        }
    }

    private static void Tell(object line)
    {
        lock (Output)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(line));
            Console.Out.Flush();
        }
    }
}

internal sealed record Options(string Source, string Files, string Destination, Guid Job)
{
    public static Options Parse(string[] args)
    {
        string Value(string name)
        {
            var index = Array.IndexOf(args, name);
            return index >= 0 && index + 1 < args.Length ? args[index + 1] : throw new ArgumentException($"{name} is missing");
        }
        return new Options(Value("--source"), Value("--files"), Value("--destination"), Guid.Parse(Value("--job")));
    }
}

/// Gets tokens for an OAuth2 client whose context user is no system administrator.
internal sealed class ClientCredentials : IRelativityAuthenticationProvider
{
    private static readonly HttpClient Http = new();
    private readonly SemaphoreSlim one = new(1);
    private string token = "";
    private DateTime renewal = DateTime.MinValue;

    public Uri BaseAddress { get; } = new(Needed("RSMF_RELATIVITY_HOST"));

    public async Task<RelativityCredentials> GetCredentialsAsync(CancellationToken stop)
    {
        await one.WaitAsync(stop);
        try
        {
            if (DateTime.UtcNow >= renewal)
            {
                await RenewAsync(stop);
            }
            return new RelativityCredentials(token, BaseAddress);
        }
        finally
        {
            one.Release();
        }
    }

    private async Task RenewAsync(CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(BaseAddress, "/Relativity/Identity/connect/token"));
        request.Headers.Add("X-CSRF-Header", "-");
        request.Content = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["client_id"] = Needed("RSMF_RELATIVITY_CLIENT_ID"),
            ["client_secret"] = Needed("RSMF_RELATIVITY_CLIENT_SECRET"),
            ["scope"] = "SystemUserInfo",
            ["grant_type"] = "client_credentials",
        });
        using var answer = await Http.SendAsync(request, stop);
        answer.EnsureSuccessStatusCode();
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>(stop);
        token = body.GetProperty("access_token").GetString() ?? throw new InvalidDataException("no token");
        var seconds = body.TryGetProperty("expires_in", out var life) ? life.GetInt32() : 3600;
        renewal = DateTime.UtcNow.AddSeconds(seconds * 0.8);
    }

    private static string Needed(string name) =>
        Environment.GetEnvironmentVariable(name) ?? throw new InvalidOperationException($"{name} is not set");
}
