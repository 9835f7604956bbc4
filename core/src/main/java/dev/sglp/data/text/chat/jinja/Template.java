package dev.sglp.data.text.chat.jinja;

import dev.sglp.data.text.chat.Span;
import dev.sglp.data.text.chat.jinja.Frame.Function;
import dev.sglp.data.text.chat.jinja.Frame.Namespace;
import dev.sglp.data.text.chat.jinja.Frame.None;
import dev.sglp.data.text.chat.jinja.Python.Sequence;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatterBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// A template that was understood.
public final class Template {
    /// `strftime`'s letters that are known, and Java's.
    private static final Map<Character, String> DATES = Map.ofEntries(Map.entry('d', "dd"), Map.entry('b', "MMM"),
            Map.entry('B', "MMMM"), Map.entry('Y', "yyyy"), Map.entry('y', "yy"), Map.entry('m', "MM"),
            Map.entry('H', "HH"), Map.entry('M', "mm"), Map.entry('S', "ss"), Map.entry('A', "EEEE"),
            Map.entry('a', "EEE"), Map.entry('I', "hh"), Map.entry('p', "a"), Map.entry('j', "DDD"));

    private static final int MOST = 100_000;

    /// What has a value.
    @FunctionalInterface
    interface Expression {
        Object of(Frame frame);
    }

    /// What writes text or sets names.
    @FunctionalInterface
    interface Statement {
        void run(Frame frame, StringBuilder out);

        /// One after the other.
        static Statement all(List<Statement> parts) {
            var copy = List.copyOf(parts);
            return (frame, out) -> copy.forEach(part -> part.run(frame, out));
        }
    }

    private final Statement whole;
    private final boolean marks;

    /// A text, and what of it stood in `generation` blocks.
    public record Rendered(String text, List<Span> marked) {}

    /// @throws TemplateException where it has what is not known here
    public Template(String source) {
        var read = notTooDeep(() -> {
            var statements = new Statements(new Lexer(source).tokens());
            return Map.entry(statements.whole(), statements);
        });
        whole = read.getKey();
        marks = read.getValue().marks();
    }

    /// Whether it has `generation` blocks.
    public boolean marks() {
        return marks;
    }

    /// The text for some values: strings, `Long`s, booleans, lists and dictionaries of them, and an empty `Optional` for none.
    ///
    /// @param now what the template is told where it asks for the date
    /// @throws TemplateException where the template refuses them, or does what is not known here
    public Rendered rendered(Map<String, Object> values, LocalDateTime now) {
        var frame = new Frame(null);
        functions(now).forEach(frame::set);
        values.forEach((name, value) -> frame.set(name, Optional.empty().equals(value) ? None.NONE : value));
        return notTooDeep(() -> {
            var out = new StringBuilder();
            whole.run(frame, out);
            return new Rendered(out.toString(), frame.marks().stream().map(mark -> span(mark, out)).toList());
        });
    }

    private static Span span(Frame.Mark mark, StringBuilder out) {
        if (mark.into() != out) {
            throw new TemplateException(mark.line(),
                    "'generation' inside 'set', 'filter' or a macro is not known here");
        }
        return new Span(mark.from(), mark.to());
    }

    /// A template is data from strangers, and things stand within each other as deep as they like.
    private static <T> T notTooDeep(Supplier<T> reading) {
        try {
            return reading.get();
        } catch (StackOverflowError _) {
            throw new TemplateException(1, "too many things stand within each other");
        }
    }

    private static Map<String, Function> functions(LocalDateTime now) {
        var all = new LinkedHashMap<String, Function>();
        all.put("raise_exception", (arguments, _) -> {
            throw new IllegalArgumentException("the template says: " + arguments.getFirst());
        });
        all.put("namespace", (_, named) -> new Namespace(new LinkedHashMap<>(named)));
        all.put("dict", (arguments, named) -> {
            if (!arguments.isEmpty()) {
                throw new IllegalArgumentException("dict of other values is not known here");
            }
            return new LinkedHashMap<>(named);
        });
        all.put("strftime_now", (arguments, _) -> date(String.valueOf(arguments.getFirst()), now));
        all.put("range", (arguments, _) -> range(arguments.stream().map(a -> {
            if (a instanceof Long n) {
                return n;
            }
            throw new IllegalArgumentException("range of a " + Values.kind(a));
        }).toList()));
        return all;
    }

    private static List<Object> range(List<Long> bounds) {
        if (bounds.isEmpty() || bounds.size() > 3 || bounds.size() == 3 && bounds.getLast() == 0) {
            throw new IllegalArgumentException("range of %s is not known here".formatted(bounds));
        }
        long from = bounds.size() == 1 ? 0 : bounds.getFirst();
        long to = bounds.get(bounds.size() == 1 ? 0 : 1);
        long step = bounds.size() == 3 ? bounds.getLast() : 1;
        double count = Math.ceil(((double) to - from) / step);
        if (count > MOST) {
            throw new IllegalArgumentException("range of more than %,d numbers".formatted(MOST));
        }
        var all = new ArrayList<Object>();
        for (int i = 0; i < count; i++) {
            all.add(from + i * step);
        }
        return new Sequence(false, all);
    }

    private static String date(String format, LocalDateTime now) {
        var pattern = new DateTimeFormatterBuilder();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%') {
                pattern.appendLiteral(c);
            } else if (format.startsWith("%%", i)) {
                pattern.appendLiteral('%');
                i++;
            } else if (++i < format.length() && DATES.containsKey(format.charAt(i))) {
                pattern.appendPattern(DATES.get(format.charAt(i)));
            } else {
                throw new IllegalArgumentException("the date '%s' is not known here".formatted(format));
            }
        }
        return now.format(pattern.toFormatter(Locale.ENGLISH));
    }
}
