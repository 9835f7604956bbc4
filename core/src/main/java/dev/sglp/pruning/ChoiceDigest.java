package dev.sglp.pruning;

import dev.sglp.model.LayerSet;
import dev.sglp.pruning.PruningPlan.Candidates;
import dev.sglp.pruning.PruningPlan.Provenance;
import dev.sglp.segmentation.Segmentation;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/// A hash of what was chosen and of all that is told about how. No seal: it finds edits, not forgers.
final class ChoiceDigest {
    private static final int BYTES = 8;

    private ChoiceDigest() {}

    /// What a plan tells of how it was made.
    record Claim(String method, String criterion, Segmentation segmentation, Candidates candidates) {}

    /// 64 bits of SHA-256 in hexadecimal.
    static String of(LayerSet removed, Claim claim, Provenance provenance) {
        var told = List.of(removed.indices(), claim.method, claim.criterion, claim.segmentation.boundaries(),
                claim.candidates.scored(), claim.candidates.search(), provenance.weights(), provenance.data(),
                provenance.seed());
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(told.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
