package dev.sglp.data.text.chat.jinja;

import dev.sglp.data.text.chat.jinja.Lexer.Token;
import dev.sglp.data.text.chat.jinja.Template.Expression;
import dev.sglp.data.text.chat.jinja.Frame.Function;
import dev.sglp.data.text.chat.jinja.Frame.None;
import dev.sglp.data.text.chat.jinja.Frame.Undefined;
import dev.sglp.data.text.chat.jinja.Lexer.Token.Kind;
import dev.sglp.data.text.chat.jinja.Python.Sequence;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads expressions, by Jinja's order of operators.
final class Expressions {
    private static final Expression NONE = _ -> None.NONE;

    private final Cursor tokens;

    Expressions(Cursor tokens) {
        this.tokens = tokens;
    }

    Expression expression() {
        var value = or();
        int line = tokens.line();
        if (!tokens.word("if")) {
            return value;
        }
        var test = or();
        Expression other = tokens.word("else") ? expression() : _ -> new Undefined("else");
        return frame -> new Values(line).truth(test.of(frame)) ? value.of(frame) : other.of(frame);
    }

    /// Without an `if` behind it, which belongs to a loop.
    Expression or() {
        var left = and();
        int line = tokens.line();
        while (tokens.word("or")) {
            var a = left;
            var b = and();
            left = frame -> {
                var first = a.of(frame);
                return new Values(line).truth(first) ? first : b.of(frame);
            };
        }
        return left;
    }

    private Expression and() {
        var left = not();
        int line = tokens.line();
        while (tokens.word("and")) {
            var a = left;
            var b = not();
            left = frame -> {
                var first = a.of(frame);
                return new Values(line).truth(first) ? b.of(frame) : first;
            };
        }
        return left;
    }

    private Expression not() {
        int line = tokens.line();
        if (tokens.word("not")) {
            var value = not();
            return frame -> !new Values(line).truth(value.of(frame));
        }
        return comparison();
    }

    /// What stands left and right of a comparison is what it is for the next one too: `1 < x < 3`.
    private Expression comparison() {
        var first = sum();
        Expression last = first;
        Expression all = first;
        for (boolean begun = false;; begun = true) {
            int line = tokens.line();
            var operator = comparator();
            if (operator == null) {
                return all;
            }
            var a = last;
            var b = sum();
            Expression one = frame -> compared(new Values(line), operator, a.of(frame), b.of(frame));
            var before = all;
            all = begun ? frame -> new Values(line).truth(before.of(frame)) ? one.of(frame) : false : one;
            last = b;
        }
    }

    private @Nullable String comparator() {
        for (var operator : List.of("==", "!=", "<=", ">=", "<", ">")) {
            if (tokens.operator(operator)) {
                return operator;
            }
        }
        if (tokens.word("in")) {
            return "in";
        }
        if (tokens.word("not")) {
            tokens.expect(Kind.NAME, "in");
            return "not in";
        }
        return null;
    }

    private static Object compared(Values values, String operator, Object a, Object b) {
        return switch (operator) {
            case "==" -> values.equal(a, b);
            case "!=" -> !values.equal(a, b);
            case "in" -> values.contains(b, a);
            case "not in" -> !values.contains(b, a);
            case "<" -> values.compare(a, b) < 0;
            case "<=" -> values.compare(a, b) <= 0;
            case ">" -> values.compare(a, b) > 0;
            default -> values.compare(a, b) >= 0;
        };
    }

    private interface Level {
        Expression read();
    }

    private Expression calculation(Level inner, String... operators) {
        var left = inner.read();
        while (true) {
            int line = tokens.line();
            var found = List.of(operators).stream().filter(tokens::operator).findFirst();
            if (found.isEmpty()) {
                return left;
            }
            var a = left;
            var b = inner.read();
            left = frame -> new Values(line).calculated(found.get(), a.of(frame), b.of(frame));
        }
    }

    private Expression sum() {
        return calculation(this::joined, "+", "-");
    }

    private Expression joined() {
        var left = product();
        int line = tokens.line();
        while (tokens.operator("~")) {
            var a = left;
            var b = product();
            left = frame -> new Values(line).text(a.of(frame)) + new Values(line).text(b.of(frame));
        }
        return left;
    }

    private Expression product() {
        return calculation(this::power, "*", "//", "/", "%");
    }

    private Expression power() {
        return calculation(this::signed, "**");
    }

    private Expression signed() {
        return filtered(unary());
    }

    /// A sign belongs to a value before its filters do.
    private Expression unary() {
        int line = tokens.line();
        if (tokens.operator("-")) {
            var value = unary();
            return frame -> new Values(line).calculated("-", 0L, value.of(frame));
        }
        return tokens.operator("+") ? unary() : postfix(primary());
    }

    private Expression primary() {
        var token = tokens.next();
        return switch (token.kind()) {
            case STRING -> {
                var text = new StringBuilder(token.text());
                while (tokens.peek().kind() == Kind.STRING) {
                    text.append(tokens.next().text());
                }
                var whole = text.toString();
                yield _ -> whole;
            }
            case INTEGER -> {
                Object number = Long.valueOf(token.text());
                yield _ -> number;
            }
            case FLOAT -> {
                Object number = Double.valueOf(token.text());
                yield _ -> number;
            }
            case NAME -> named(token.text(), token.line());
            case OPERATOR -> switch (token.text()) {
                case "(" -> bracketed(token);
                case "[" -> listed("]");
                case "{" -> dictionary();
                default -> throw Cursor.wrong(token, "a value");
            };
            default -> throw Cursor.wrong(token, "a value");
        };
    }

    private static Expression named(String name, int line) {
        return switch (name) {
            case "true", "True" -> _ -> true;
            case "false", "False" -> _ -> false;
            case "none", "None" -> NONE;
            case "cycler", "joiner", "lipsum", "varargs", "kwargs", "caller" -> frame -> {
                if (frame.get(name) instanceof Undefined) {
                    throw new TemplateException(line, "'%s' is not known here".formatted(name));
                }
                return frame.get(name);
            };
            default -> frame -> frame.get(name);
        };
    }

    private Expression bracketed(Token opening) {
        if (tokens.peek().is(Kind.OPERATOR, ")")) {
            throw Cursor.wrong(opening, "a value");
        }
        var first = expression();
        if (!tokens.operator(",")) {
            tokens.expect(Kind.OPERATOR, ")");
            return first;
        }
        var rest = listed(")");
        return frame -> {
            var all = new ArrayList<>(List.of(first.of(frame)));
            all.addAll((List<?>) rest.of(frame));
            return Sequence.tuple(all);
        };
    }

    private Expression listed(String end) {
        var parts = new ArrayList<Expression>();
        while (!tokens.operator(end)) {
            parts.add(expression());
            if (!tokens.peek().is(Kind.OPERATOR, end)) {
                tokens.expect(Kind.OPERATOR, ",");
            }
        }
        return frame -> new ArrayList<>(parts.stream().map(part -> part.of(frame)).toList());
    }

    private Expression dictionary() {
        var parts = new LinkedHashMap<Expression, Expression>();
        while (!tokens.operator("}")) {
            var key = expression();
            tokens.expect(Kind.OPERATOR, ":");
            parts.put(key, expression());
            if (!tokens.peek().is(Kind.OPERATOR, "}")) {
                tokens.expect(Kind.OPERATOR, ",");
            }
        }
        return frame -> {
            var all = new LinkedHashMap<Object, Object>();
            parts.forEach((key, value) -> all.put(key.of(frame), value.of(frame)));
            return all;
        };
    }

    private Expression postfix(Expression start) {
        var value = start;
        while (true) {
            int line = tokens.line();
            var inner = value;
            if (tokens.operator(".")) {
                var name = tokens.expect(Kind.NAME, "").text();
                if (tokens.operator("(")) {
                    var arguments = arguments();
                    value = frame -> Methods.called(new Values(line), inner.of(frame), name, arguments.of(frame));
                } else {
                    value = frame -> new Values(line).field(inner.of(frame), name);
                }
            } else if (tokens.operator("[")) {
                value = subscript(inner, line);
            } else if (tokens.operator("(")) {
                var arguments = arguments();
                value = frame -> called(new Values(line), inner.of(frame), arguments.of(frame));
            } else {
                return value;
            }
        }
    }

    private static Object called(Values values, Object function, Arguments.Given given) {
        return switch (function) {
            case Function f -> {
                try {
                    yield f.call(given.plain(), given.named());
                } catch (IllegalArgumentException e) {
                    throw values.wrong(String.valueOf(e.getMessage()));
                }
            }
            case Undefined(var name) -> throw values.wrong("the function '%s' is not known here".formatted(name));
            default -> throw values.wrong("a %s cannot be called".formatted(Values.kind(function)));
        };
    }

    private Expression subscript(Expression inner, int line) {
        var from = tokens.peek().is(Kind.OPERATOR, ":") ? NONE : expression();
        if (tokens.operator("]")) {
            return frame -> new Values(line).item(inner.of(frame), from.of(frame));
        }
        tokens.expect(Kind.OPERATOR, ":");
        var to = part();
        var step = tokens.operator(":") ? part() : NONE;
        tokens.expect(Kind.OPERATOR, "]");
        return frame -> new Values(line).slice(inner.of(frame), from.of(frame), to.of(frame), step.of(frame));
    }

    private Expression part() {
        return tokens.peek().is(Kind.OPERATOR, ":") || tokens.peek().is(Kind.OPERATOR, "]") ? NONE : expression();
    }

    /// Behind an opening bracket.
    /// What is called with, behind its bracket.
    Arguments arguments() {
        var plain = new ArrayList<Expression>();
        var named = new LinkedHashMap<String, Expression>();
        while (!tokens.operator(")")) {
            var start = tokens.peek();
            var value = expression();
            if (tokens.operator("=")) {
                named.put(start.text(), expression());
            } else {
                plain.add(value);
            }
            if (!tokens.peek().is(Kind.OPERATOR, ")")) {
                tokens.expect(Kind.OPERATOR, ",");
            }
        }
        return new Arguments(plain, named);
    }

    /// Filters and tests, which bind tighter than any operator.
    Expression filtered(Expression start) {
        var value = start;
        while (true) {
            int line = tokens.line();
            var inner = value;
            if (tokens.operator("|")) {
                value = filter(inner);
            } else if (tokens.word("is")) {
                boolean not = tokens.word("not");
                var test = tokens.expect(Kind.NAME, "").text();
                Tests.check(test, line);
                var argument = Tests.takesOne(test) ? signedArgument() : NONE;
                value = frame -> not != Tests.holds(new Values(line), test, inner.of(frame), argument.of(frame));
            } else {
                return value;
            }
        }
    }

    private Expression signedArgument() {
        return postfix(primary());
    }

    /// A filter whose `|` was passed.
    Expression filter(Expression inner) {
        int line = tokens.line();
        var name = tokens.expect(Kind.NAME, "").text();
        Filters.check(name, line);
        var arguments = tokens.operator("(") ? arguments() : new Arguments(List.of(), Map.of());
        return frame -> Filters.applied(new Values(line), inner.of(frame), name, arguments.of(frame));
    }

}
