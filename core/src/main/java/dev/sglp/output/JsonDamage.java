package dev.sglp.output;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import java.util.function.UnaryOperator;

/// What is wrong with a JSON text and where, without the parser's own names for things.
public final class JsonDamage {
    private JsonDamage() {}

    /// `line 3, column 1: the text ends in the middle. Maybe the file was cut short`
    public static String of(JsonProcessingException e) {
        return of(e, UnaryOperator.identity());
    }

    /// @param wording what is said of damage in the middle, of which the parser says this
    public static String of(JsonProcessingException e, UnaryOperator<String> wording) {
        var damage = e.getCause() instanceof JsonParseException cause ? cause : e;
        var at = damage.getLocation();
        var what = damage instanceof JsonEOFException
                ? "the text ends in the middle. Maybe the file was cut short"
                : wording.apply(words(damage));
        return at == null ? what : "line %d, column %d: %s".formatted(at.getLineNr(), at.getColumnNr(), what);
    }

    /// Without a place.
    public static String words(JsonProcessingException e) {
        return e.getOriginalMessage().replaceAll("\\[Source: .*?; line: (\\d+), column: (\\d+)]", "line $1, column $2")
                .replaceAll(", from `.*?`", "");
    }
}
