package dev.sglp.cli.typed;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/// Sizes as people type them: a number alone is bytes, units are decimal (`5GB` is 5,000,000,000 bytes) or say that they are binary
/// (`5GiB`), as Hugging Face reads them.
public final class ByteSize {
    private static final Pattern SIZE = Pattern.compile("(\\d{1,15}(?:\\.\\d{1,9})?) ?(?:([KMGTkmgt])(i?)B)?");
    private static final String UNITS = "KMGT";

    private ByteSize() {}

    /// At least 1 byte; empty where the words are no size.
    public static OptionalLong of(String typed) {
        var match = SIZE.matcher(typed);
        if (match.matches()) {
            long base = "i".equals(match.group(3)) ? 1024 : 1000;
            int power = match.group(2) == null ? 0 : 1 + UNITS.indexOf(match.group(2).toUpperCase(Locale.ROOT));
            var bytes = new BigDecimal(match.group(1)).multiply(BigDecimal.valueOf(base).pow(power)).toBigInteger();
            if (bytes.signum() > 0 && bytes.bitLength() < Long.SIZE) {
                return OptionalLong.of(bytes.longValueExact());
            }
        }
        return OptionalLong.empty();
    }
}
