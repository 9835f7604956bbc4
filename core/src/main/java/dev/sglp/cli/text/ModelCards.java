package dev.sglp.cli.text;

import dev.sglp.checkpoint.huggingface.ModelCardHead;
import dev.sglp.family.ModelFile;
import dev.sglp.report.ModelCard;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/// The model card beside a language model that is written.
public final class ModelCards {
    private ModelCards() {}

    /// What a card says.
    public interface Text {
        String of(ModelCard card) throws IOException;
    }

    /// @param text what the card of a model made of this one says
    /// @return its file and content; nothing for other networks
    public static Map<String, byte[]> document(ModelFile file, Text text) throws IOException {
        if (!file.architecture().directory()) {
            return Map.of();
        }
        var head = ModelCardHead.of(file.checkpoint());
        return Map.of("README.md",
                text.of(new ModelCard(head.name(), head.fields())).getBytes(StandardCharsets.UTF_8));
    }
}
