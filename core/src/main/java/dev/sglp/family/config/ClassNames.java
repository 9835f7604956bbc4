package dev.sglp.family.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// How transformers says what classes are called.
public final class ClassNames {
    /// Names by number.
    public static final String NAMES = "id2label";
    private static final String NUMBERS = "label2id";

    private ClassNames() {}

    /// @param classes in label order
    public static SequencedMap<String, Object> fields(List<String> classes) {
        var names = new LinkedHashMap<String, Object>();
        var numbers = new LinkedHashMap<String, Object>();
        for (int i = 0; i < classes.size(); i++) {
            names.put(String.valueOf(i), classes.get(i));
            numbers.put(classes.get(i), i);
        }
        var fields = new LinkedHashMap<String, Object>();
        fields.put(NAMES, names);
        fields.put(NUMBERS, numbers);
        return fields;
    }
}
