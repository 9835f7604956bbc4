package dev.sglp.data.text.chat.jinja;

import dev.sglp.data.text.chat.jinja.Template.Expression;
import dev.sglp.data.text.chat.jinja.Template.Statement;
import dev.sglp.data.text.chat.jinja.Frame.Function;
import dev.sglp.data.text.chat.jinja.Frame.Jump;
import dev.sglp.data.text.chat.jinja.Frame.Undefined;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `for`.
///
/// @param only      which items count; absent for all
/// @param otherwise what is done where there are none
record Loop(int line, List<String> names, Expression over, Optional<Expression> only,
        Statement body, Statement otherwise) implements Statement {
    @Override
    public void run(Frame frame, StringBuilder out) {
        var values = new Values(line);
        var items = values.items(over.of(frame)).stream()
                .filter(item -> only.isEmpty() || values.truth(only.get().of(with(frame, item, values)))).toList();
        if (items.isEmpty()) {
            otherwise.run(new Frame(frame), out);
        }
        for (int i = 0; i < items.size(); i++) {
            var inside = with(frame, items.get(i), values);
            inside.set("loop", place(items, i));
            try {
                body.run(inside, out);
            } catch (Jump jump) {
                if (jump.leaves) {
                    return;
                }
            }
        }
    }

    private Frame with(Frame outer, Object item, Values values) {
        var inside = new Frame(outer);
        if (names.size() == 1) {
            inside.set(names.getFirst(), item);
            return inside;
        }
        var parts = values.items(item);
        if (parts.size() != names.size()) {
            throw values.wrong("an item has %d parts, expected %d".formatted(parts.size(), names.size()));
        }
        for (int i = 0; i < parts.size(); i++) {
            inside.set(names.get(i), parts.get(i));
        }
        return inside;
    }

    private static Map<String, Object> place(List<Object> items, int i) {
        var loop = new LinkedHashMap<String, Object>();
        long size = items.size();
        loop.put("index", i + 1L);
        loop.put("index0", (long) i);
        loop.put("revindex", size - i);
        loop.put("revindex0", size - i - 1);
        loop.put("depth", 1L);
        loop.put("depth0", 0L);
        loop.put("cycle", (Function) (all, _) -> all.get(i % all.size()));
        loop.put("first", i == 0);
        loop.put("last", i == size - 1);
        loop.put("length", size);
        loop.put("previtem", i == 0 ? new Undefined("previtem") : items.get(i - 1));
        loop.put("nextitem", i == size - 1 ? new Undefined("nextitem") : items.get(i + 1));
        return loop;
    }
}
