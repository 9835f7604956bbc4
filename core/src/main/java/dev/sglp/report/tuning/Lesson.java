package dev.sglp.report.tuning;

import java.util.ArrayList;
import java.util.Map;

/// A training in one line.
public final class Lesson {
    private static final String TRAINED = "Trained";
    private static final String TEACHER = "Teacher";
    private static final String LENGTH = "Epochs";

    private Lesson() {}

    /// What is trained, by whom it is taught, on what and how long, for instance `every tensor, float32; taught by dense/, temperature 1.0,
    /// weight 1.0; on other.txt, 63 of 210 windows of 16 tokens; epochs: 1, 8 windows a step`.
    ///
    /// @param settings of the training, in words; what is not there is not said
    /// @param data     it was trained on
    public static String words(Map<String, String> settings, String data) {
        var parts = new ArrayList<String>();
        if (settings.containsKey(TRAINED)) {
            parts.add(settings.get(TRAINED));
        }
        var teacher = settings.getOrDefault(TEACHER, "none");
        if (!teacher.equals("none")) {
            parts.add("taught by " + teacher);
        }
        parts.add("on " + data);
        if (settings.containsKey(LENGTH)) {
            parts.add("epochs: " + settings.get(LENGTH));
        }
        return String.join("; ", parts);
    }
}
