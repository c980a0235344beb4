// A sale at a pharmacy: who the patient is, what it would cost, settle, ask again, undo. JDK 11 or later, nothing else:
// java Quickstart.java
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public class Quickstart {
    static final String BASE = setting("BASE", "http://127.0.0.1:8080");
    static final String PLACE = setting("PLACE", "P32030000001");
    static final String ACCESS_KEY = setting("ACCESS_KEY", PLACE);
    static final String SECRET = setting("SECRET", "demo-" + PLACE);
    static final String BEGUN = setting("BEGUN", "2025-06-16 09:40:00");
    static final String RUN = LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyyMMddHHmmss"));
    static final HttpClient CLIENT = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    static long number = ProcessHandle.current().pid() % 9000;

    static String setting(String name, String otherwise) {
        String value = System.getenv(name);
        return value == null || value.isEmpty() ? otherwise : value;
    }

    /** A message id that was never used: the institution's code, the time, a number. */
    static String msgid() {
        number += 1;
        return String.format("%s%s%04d", PLACE, RUN, number);
    }

    /** HMAC-SHA1 over the four headers in their order. */
    static String signature(String text) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA1");
        mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA1"));
        return Base64.getEncoder().encodeToString(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** Sends a message; the whole answer. A JSON library of your own does better than the texts here. */
    static String send(String infno, String msgid, String input) throws Exception {
        String now = String.valueOf(System.currentTimeMillis());
        String text = "_api_access_key=" + ACCESS_KEY + "&_api_name=" + infno + "&_api_timestamp=" + now + "&_api_version=1.0";
        String body = "{\"infno\":\"" + infno + "\",\"msgid\":\"" + msgid + "\",\"mdtrtarea_admvs\":\"320300\",\"opter\":\"0001\","
            + "\"fixmedins_code\":\"" + PLACE + "\",\"input\":" + input + "}";
        HttpRequest request = HttpRequest.newBuilder(URI.create(BASE + "/hospital/" + infno))
            .timeout(Duration.ofSeconds(30))
            .header("Content-Type", "application/json")
            .header("_api_access_key", ACCESS_KEY)
            .header("_api_name", infno)
            .header("_api_timestamp", now)
            .header("_api_version", "1.0")
            .header("_api_signature", signature(text))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
        return CLIENT.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }

    /** An answer that is done; stops with the answer where it is not. */
    static String done(String answer) {
        if (!answer.contains("\"infcode\":0")) {
            System.err.println(answer);
            System.exit(1);
        }
        return answer;
    }

    /** The first value of a field, as text. */
    static String field(String name, String answer) {
        Matcher found = Pattern.compile("\"" + name + "\":\"?([^\",}]*)").matcher(answer);
        return found.find() ? found.group(1) : "";
    }

    public static void main(String[] arguments) throws Exception {
        String person = "\"mdtrt_cert_type\":\"03\",\"mdtrt_cert_no\":\"C990000201606010116\",\"card_sn\":\"06010116\"";
        String psnNo = field("psn_no", done(send("1101", msgid(), "{\"data\":{" + person + "}}")));
        System.out.println("1101 psn_no " + psnNo);

        String bill = "{\"druginfo\":{\"psn_no\":\"" + psnNo + "\"," + person + ",\"insutype\":\"390\",\"med_type\":\"41\","
            + "\"begntime\":\"" + BEGUN + "\",\"medfee_sumamt\":\"20.00\",\"acct_used_flag\":\"1\"},"
            + "\"drugdetail\":[{\"feedetl_sn\":\"1\",\"med_list_codg\":\"ZA04CDX0534010103065\",\"cnt\":\"2\","
            + "\"pric\":\"10.00\",\"det_item_fee_sumamt\":\"20.00\"}]}";
        String shown = done(send("2101", msgid(), bill));
        System.out.println("2101 acct_mulaid_pay " + field("acct_mulaid_pay", shown) + " psn_cash_pay " + field("psn_cash_pay", shown));

        String sale = msgid();
        String settled = done(send("2102", sale, bill));
        System.out.println("2102 setl_id " + field("setl_id", settled) + " acct_mulaid_pay " + field("acct_mulaid_pay", settled)
            + " psn_cash_pay " + field("psn_cash_pay", settled));

        // As if the answer had been lost: the same message again gets the same answer.
        if (!send("2102", sale, bill).equals(settled)) {
            throw new IllegalStateException("another answer");
        }
        System.out.println("2102 again: the same answer");
        String asked = done(send("GJ01", msgid(), "{\"data\":{\"omsgid\":\"" + sale + "\"}}"));
        System.out.println("GJ01 " + field("GJ_STATE", asked));

        String undone = done(send("2103", msgid(), "{\"data\":{\"psn_no\":\"" + psnNo + "\",\"setl_id\":\"" + field("setl_id", settled)
            + "\",\"mdtrt_id\":\"" + field("mdtrt_id", settled) + "\"}}"));
        System.out.println("2103 acct_mulaid_pay " + field("acct_mulaid_pay", undone));
    }
}
