package dev.sglp.cli;

import dev.sglp.cli.text.ModelTokenizer;
import dev.sglp.family.Architecture;
import dev.sglp.family.ModelFile;
import dev.sglp.report.Json;
import dev.sglp.surgery.Surgeon;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/// The files beside the weights of a network that is written: its configuration, and what the folder it comes from has not, or has otherwise.
public final class Documents {
    private Documents() {}

    /// @param config what the configuration says
    public static Map<String, byte[]> of(ModelFile file, Map<String, Object> config) {
        var documents = new LinkedHashMap<>(ModelTokenizer.documents(file));
        documents.put(Surgeon.CONFIG, bytes(config));
        var preparation = file.architecture().preparation();
        if (!preparation.isEmpty()) {
            documents.put(Architecture.PREPARATION, bytes(preparation));
        }
        return documents;
    }

    private static byte[] bytes(Object json) {
        return Json.pretty(json).getBytes(StandardCharsets.UTF_8);
    }
}
