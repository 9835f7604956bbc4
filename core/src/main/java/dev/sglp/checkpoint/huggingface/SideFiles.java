package dev.sglp.checkpoint.huggingface;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sglp.output.ByteOrderMark;
import java.io.CharConversionException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// The files of a model's directory that go with its weights to a smaller model: tokenizer, chat template, how to generate,
/// how images are prepared, licence, code.
public final class SideFiles {
    private static final Pattern NAMES = Pattern.compile(
            "tokenizer.*|tekken\\.json|.*\\.tiktoken|special_tokens_map\\.json|added_tokens\\.json|vocab\\..*|merges\\.txt|chat_template.*|.*\\.jinja|generation_config\\.json|(pre)?processor_config\\.json|([\\w-]+[_-])?(LICENSE|LICENCE|NOTICE|USE_POLICY).*",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern CODE = Pattern.compile("\\w+\\.py");
    private static final String TEMPLATES = "additional_chat_templates";

    private static final JsonMapper JSON = new JsonMapper();

    private SideFiles() {}

    /// The side files of a directory, by name.
    ///
    /// @param code whether its configuration asks for code of the directory (`auto_map`), as the tokenizer's may
    /// @return paths in the directory
    public static List<Path> of(Path directory, boolean code) throws IOException {
        var found = new ArrayList<Path>();
        boolean own = code || asksForCode(directory.resolve("tokenizer_config.json"));
        try (var files = Files.list(directory)) {
            files.filter(Files::isRegularFile)
                    .filter(f -> NAMES.matcher(f.getFileName().toString()).matches()
                            || own && CODE.matcher(f.getFileName().toString()).matches())
                    .sorted().forEach(found::add);
        }
        var templates = directory.resolve(TEMPLATES);
        if (Files.isDirectory(templates)) {
            try (var files = Files.list(templates)) {
                files.filter(Files::isRegularFile).filter(f -> f.toString().endsWith(".jinja")).sorted()
                        .forEach(found::add);
            }
        }
        return List.copyOf(found);
    }

    /// A file that is no JSON goes along as it is, and asks for nothing.
    private static boolean asksForCode(Path config) throws IOException {
        if (!Files.isRegularFile(config)) {
            return false;
        }
        try {
            var bytes = Files.readAllBytes(config);
            int mark = ByteOrderMark.length(bytes);
            return JSON.readTree(bytes, mark, bytes.length - mark).path("auto_map").isObject();
        } catch (JsonProcessingException | CharConversionException _) {
            return false;
        }
    }
}
