import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** Asks for one URL, as any program on a JVM does. */
class Client {
  public static void main(String[] arguments) throws Exception {
    HttpResponse<String> answer = HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create(arguments[0])).build(), HttpResponse.BodyHandlers.ofString());
    System.out.print(answer.version() + " " + answer.statusCode() + " " + answer.body());
  }
}
