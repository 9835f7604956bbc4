package dev.sglp.cli.text;

import dev.sglp.checkpoint.huggingface.ModelCardHead;
import dev.sglp.family.ModelFile;
import dev.sglp.output.AtomicFile;
import dev.sglp.report.ModelCard;
import dev.sglp.report.tuning.TuningCard;
import dev.sglp.report.tuning.TuningRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// The model card beside a language model that is written.
public final class ModelCards {
    private static final String NAME = "README.md";

    private ModelCards() {}

    /// What a card says.
    public interface Text {
        String of(ModelCard card) throws IOException;
    }

    /// Says beside a language model that was trained further what that gave.
    ///
    /// @param file    as it was before: a card that sglp wrote is gone on with, of another the licence is kept
    /// @param written the directory it is in now
    public static void tuned(ModelFile file, Path written, TuningRecord record) throws IOException {
        if (!file.architecture().directory()) {
            return;
        }
        var place = file.checkpoint().home().map(home -> home.resolve(NAME)).filter(Files::isRegularFile);
        var card = place.isEmpty() ? "" : new String(Files.readAllBytes(place.get()), StandardCharsets.UTF_8);
        var head = ModelCardHead.of(file.checkpoint());
        var before = ModelCard.isOwn(card) ? card : new ModelCard(head.name(), head.fields()).original();
        AtomicFile.write(written.resolve(NAME), TuningCard.of(before, record).getBytes(StandardCharsets.UTF_8));
    }

    /// @param text what the card of a model made of this one says
    /// @return its file and content; nothing for other networks
    public static Map<String, byte[]> document(ModelFile file, Text text) throws IOException {
        if (!file.architecture().directory()) {
            return Map.of();
        }
        var head = ModelCardHead.of(file.checkpoint());
        return Map.of(NAME,
                text.of(new ModelCard(head.name(), head.fields())).getBytes(StandardCharsets.UTF_8));
    }
}
