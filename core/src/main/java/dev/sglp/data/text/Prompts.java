package dev.sglp.data.text;

import dev.sglp.data.DataSpec;
import java.io.IOException;
import java.util.List;

/// Texts to go on with.
public final class Prompts {
    private Prompts() {}

    /// The documents of `jsonl:FILE#FIELD`, or the lines of `text:FILE`, without their ends; blank ones are left out.
    ///
    /// @throws IOException where the file cannot be read, or has none
    /// @throws dev.sglp.fault.UsageException where it is not text
    public static List<String> of(DataSpec data) throws IOException {
        var all = TextSource.open(data).passage().lines().stream().map(line -> line.replaceFirst("\\R$", ""))
                .filter(line -> !line.isBlank()).toList();
        if (all.isEmpty()) {
            throw new IOException("[%s] has no line with a text".formatted(data.location()));
        }
        return all;
    }
}
