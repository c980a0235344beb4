import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Checks docs/hospital/vectors.json with the JDK (17 or later) alone, which has neither SM2, SM3 nor SM4: those vectors are
 * counted as not checked. With BouncyCastle they are Mac.getInstance("HMACSM3"), Signature.getInstance("SM3withSM2") with an
 * SM2ParameterSpec of the client's id (its signatures are DER: take r and s out, 32 bytes each), and
 * Cipher.getInstance("SM4/ECB/PKCS7Padding").
 *
 * java CheckVectors.java [vectors.json]
 */
public class CheckVectors {
    public static void main(String[] args) throws Exception {
        String page = Files.readString(Path.of(args.length > 0 ? args[0] : "vectors.json"));
        int wrong = 0;
        // Each vector is an object of the outer array, which the file indents by two spaces.
        for (String vector : page.split("\n  \\},?\n")) {
            if (!vector.contains("\"scheme\"")) {
                continue;
            }
            String said = check(vector);
            System.out.println(said + " " + text(vector, "scheme") + " " + text(vector, "name"));
            if (said.equals("WRONG")) {
                wrong++;
            }
        }
        System.exit(wrong == 0 ? 0 : 1);
    }

    static String check(String vector) throws Exception {
        String secret = text(vector, "secret");
        String signed = text(vector, "signed_text");
        switch (text(vector, "scheme")) {
            case "api":
                byte[] made = mac("HmacSHA1", secret, signed);
                return said(Base64.getEncoder().encodeToString(made).equals(text(vector, "_api_signature")));
            case "tif":
                byte[] digest = MessageDigest.getInstance("SHA-256").digest(signed.getBytes(StandardCharsets.UTF_8));
                return said(HexFormat.of().formatHex(digest).equals(text(vector, "x-tif-signature")));
            case "ca":
                if (!text(vector, "digest").equals("sha256")) {
                    return "not checked";
                }
                String time = text(vector, "x-ca-signature").split(":")[0];
                String upper = HexFormat.of().withUpperCase().formatHex(mac("HmacSHA256", secret, signed));
                return said(signed.equals(time + "\n" + text(vector, "body"))
                        && text(vector, "x-ca-signature").equals(time + ":" + upper));
            case "apikey":
                return said(text(vector, "apikey").equals(text(vector, "access_key") + "." + secret));
            default:
                return "not checked";
        }
    }

    static String said(boolean right) {
        return right ? "right" : "WRONG";
    }

    static byte[] mac(String algorithm, String secret, String text) throws Exception {
        Mac mac = Mac.getInstance(algorithm);
        mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), algorithm));
        return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The text of a field. A real client reads JSON with its own library. */
    static String text(String vector, String field) {
        Matcher found = Pattern.compile("\"" + field + "\": \"((?:[^\"\\\\]|\\\\.)*)\"").matcher(vector);
        if (!found.find()) {
            throw new IllegalArgumentException("no " + field);
        }
        return found.group(1).replace("\\n", "\n").replace("\\\"", "\"").replace("\\\\", "\\");
    }
}
