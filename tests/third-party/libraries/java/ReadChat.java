import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * Posts a file's JSON to a URL with the JDK's own client, as it is by default, and prints the answer's lines as they
 * come. The first line is the status. The process stops when its standard input is closed.
 */
public final class ReadChat {
  public static void main(String[] args) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(args[0]))
        .header("content-type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofFile(Path.of(args[1])))
        .build();
    CompletableFuture<HttpResponse<Stream<String>>> asked =
        HttpClient.newHttpClient().sendAsync(request, HttpResponse.BodyHandlers.ofLines());
    Thread aborter = new Thread(() -> {
      awaitEndOfInput();
      if (!asked.cancel(true)) asked.join().body().close();
    });
    aborter.setDaemon(true);
    aborter.start();

    HttpResponse<Stream<String>> response = asked.join();
    System.out.println(response.statusCode());
    response.body().forEach(System.out::println);
  }

  private static void awaitEndOfInput() {
    try {
      while (System.in.read() >= 0) {}
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }
}
