package dev.sglp.report.mechanism;

import dev.sglp.model.LayerSet;
import dev.sglp.report.Human;
import java.util.stream.Collectors;

/// What was asked of a run, and what its numbers answer.
public record Finding(String question, String answer) {
    private static final int SHOWN = 8; // layers in a sentence

    /// The same where losses are not counted in nats.
    ///
    /// @param unit what they are counted in
    public Finding in(String unit) {
        return unit.equals("nats") ? this : new Finding(question, answer.replace(" nats", " (" + unit + ")"));
    }

    /// The same of networks that were looked at as repaired.
    Finding repaired() {
        return new Finding(question, answer + " (Losses as repaired, gap by gap.)");
    }

    /// Both, in one line.
    public String line() {
        return question + " " + answer;
    }

    /// `layer 3`, `layers 3, 5`.
    static String layers(LayerSet set) {
        return (set.size() == 1 ? "layer " : "layers ")
                + set.indices().stream().limit(SHOWN).map(String::valueOf).collect(Collectors.joining(", "))
                + (set.size() > SHOWN ? " and %d more".formatted(set.size() - SHOWN) : "");
    }

    /// A change, with its sign: `+0.1500`.
    static String signed(double change) {
        return (change > 0 ? "+" : "") + Human.number(change + 0.0);
    }
}
