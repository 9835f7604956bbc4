package dev.sglp.data.text.chat.jinja;

import dev.sglp.data.text.chat.jinja.Template.Expression;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What stands in the brackets of a call.
record Arguments(List<Expression> plain, Map<String, Expression> named) {
    /// Their values.
    record Given(List<Object> plain, Map<String, Object> named) {
        /// @param names in order; what has no value takes the default's
        Object get(Values values, int place, String name, Object usual) {
            return plain.size() > place ? plain.get(place) : named.getOrDefault(name, usual);
        }

        /// @throws TemplateException where there are others
        Given only(Values values, String what, int most, String... names) {
            if (plain.size() > most || !List.of(names).containsAll(named.keySet())) {
                throw values.wrong("these arguments of '%s' are not known here".formatted(what));
            }
            return this;
        }
    }

    Given of(Frame frame) {
        var values = new LinkedHashMap<String, Object>();
        named.forEach((name, value) -> values.put(name, value.of(frame)));
        return new Given(plain.stream().map(value -> value.of(frame)).toList(), values);
    }
}
