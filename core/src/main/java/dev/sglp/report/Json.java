package dev.sglp.report;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.AnnotatedMember;
import com.fasterxml.jackson.databind.introspect.AnnotatedParameter;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sglp.model.LayerSet;
import dev.sglp.output.AtomicFile;
import dev.sglp.output.ByteOrderMark;
import dev.sglp.output.JsonDamage;
import dev.sglp.pruning.PruningPlan;
import java.io.CharConversionException;
import java.io.IOException;
import java.lang.reflect.Executable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Records to JSON with stable names, and a {@link PruningPlan} back from it.
///
/// A component `lossIncrease` is called `loss_increase` unless its record names it otherwise. Numbers that are not
/// finite become `null`, which reads back as NaN.
public final class Json {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .annotationIntrospector(new RequiredUnlessNullable()).addModule(new FiniteNumbers())
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS).build();

    private static final long MOST_BYTES = 1 << 26;

    private Json() {}

    /// The record as indented JSON, ending in a line break.
    public static String pretty(Object record) {
        return written(MAPPER.writerWithDefaultPrettyPrinter(), record) + "\n";
    }

    /// The record as JSON in one line.
    public static String compact(Object record) {
        return written(MAPPER.writer(), record);
    }

    /// Writes the record to `file`, under a temporary name first: a killed run leaves the old file or none.
    public static void write(Object record, Path file) throws IOException {
        replace(file, pretty(record));
    }

    /// Reads a plan, as written or edited by hand.
    ///
    /// @throws IOException where it is no JSON, or a field is unknown, missing or makes no sense; names file and field
    public static PruningPlan readPlan(Path file) throws IOException {
        if (Files.isRegularFile(file) && !beginsAsObject(file)) {
            throw new IOException(
                    "[%s] is no plan: it does not begin with '{'. The plan comes first, then the model"
                            .formatted(file));
        }
        try {
            return read(file, PruningPlan.class, "a plan");
        } catch (IOException e) {
            if (Files.isRegularFile(file) && isRecordOfARun(file)) {
                throw new IOException(
                        "[%s] is the record of a run, not a plan. %s".formatted(file, whereThePlanIs(file)), e);
            }
            throw e;
        }
    }

    /// What somebody wrote by hand who names the layers that go and nothing else.
    private record Alone(LayerSet removed, @Nullable List<String> names) {}

    /// The layers of a plan that says nothing else, `{"removed": [3, 5]}`; empty where the file is anything else.
    ///
    /// @throws IOException where the field makes no sense; names file and field
    public static Optional<LayerSet> removedAlone(Path file) throws IOException {
        if (!Files.isRegularFile(file) || Files.size(file) > MOST_BYTES || !beginsAsObject(file)) {
            return Optional.empty();
        }
        try {
            var keys = MAPPER.reader().without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .readTree(ByteOrderMark.without(file)).properties().stream().map(Map.Entry::getKey);
            return keys.filter(key -> !key.equals("names")).toList().equals(List.of("removed"))
                    ? Optional.of(read(file, Alone.class, "a plan").removed())
                    : Optional.empty();
        } catch (JsonProcessingException | CharConversionException e) {
            return Optional.empty(); // told where it is read as a plan
        }
    }

    /// By its first bytes, since a model may be large; so does an empty file, about which there is more to say.
    private static boolean beginsAsObject(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            byte[] head = in.readNBytes(1 << 10);
            int mark = ByteOrderMark.length(file, head);
            var text = new String(head, mark, head.length - mark, StandardCharsets.ISO_8859_1).strip();
            return text.isEmpty() || text.startsWith("{");
        }
    }

    private static boolean isRecordOfARun(Path file) throws IOException {
        try {
            var found = Files.size(file) > MOST_BYTES
                    ? MAPPER.createObjectNode()
                    : MAPPER.readTree(ByteOrderMark.without(file));
            return found.has("similarity") || found.path("layers").isArray();
        } catch (JsonProcessingException | CharConversionException e) {
            return false;
        }
    }

    private static String whereThePlanIs(Path file) {
        var plan = file.resolveSibling("plan.json");
        return Files.isRegularFile(plan)
                ? "Its plan lies beside it: %s".formatted(plan)
                : "No plan.json lies beside it; analyze with --remove or --ratio writes one";
    }

    /// Reads a record that was written here.
    ///
    /// @param what it is, for the message
    /// @throws IOException where it is no JSON, or a field is unknown, missing or makes no sense; names file and field
    public static <T> T read(Path file, Class<T> type, String what) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IOException("[%s] is a directory, expected a file with %s".formatted(file, what));
        }
        if (Files.size(file) > MOST_BYTES) {
            throw new IOException(
                    "[%s] has %d bytes, expected at most %d of %s".formatted(file, Files.size(file), MOST_BYTES, what));
        }
        return read(file, ByteOrderMark.without(file), type, what);
    }

    /// The text of one field of an object; empty where there is none.
    ///
    /// @throws IOException where the file is no JSON
    public static String text(Path file, String field) throws IOException {
        try {
            return MAPPER.readTree(ByteOrderMark.without(file)).path(field).asText();
        } catch (JsonProcessingException e) {
            throw new IOException("[%s] %s".formatted(file, complaint(e)), e);
        }
    }

    /// Reads a record that this program wrote.
    ///
    /// @param file where the text stands, for errors
    public static <T> T read(Path file, String json, Class<T> type) throws IOException {
        return read(file, json.getBytes(StandardCharsets.UTF_8), type, "a " + type.getSimpleName());
    }

    private static <T> T read(Path file, byte[] json, Class<T> type, String what) throws IOException {
        if (json.length == 0) {
            throw new IOException("[%s] is empty, expected %s".formatted(file, what));
        }
        try {
            return Optional.ofNullable(MAPPER.readValue(json, type))
                    .orElseThrow(() -> new IOException("[%s] holds 'null', expected %s".formatted(file, what)));
        } catch (CharConversionException e) {
            throw new IOException("[%s] no valid text: %s. Expected UTF-8.".formatted(file, e.getMessage()), e);
        } catch (JsonProcessingException e) {
            throw new IOException("[%s] %s".formatted(file, complaint(e)), e);
        }
    }

    private static String complaint(JsonProcessingException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof JsonParseException damage) {
                return JsonDamage.of(damage,
                        "no valid JSON: %s. Maybe an edit left a comma or a bracket too many or too few"::formatted)
                        + ".";
            }
        }
        return e instanceof JsonMappingException wrong ? misfit(wrong) : "no valid JSON: " + JsonDamage.words(e);
    }

    /// Writes a text whole or not at all.
    public static void replace(Path file, String text) throws IOException {
        AtomicFile.write(file, text.getBytes(StandardCharsets.UTF_8));
    }

    private static String written(com.fasterxml.jackson.databind.ObjectWriter writer, Object record) {
        try {
            return writer.writeValueAsString(record);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("a %s cannot be written as JSON: %s"
                    .formatted(record.getClass().getSimpleName(), e.getOriginalMessage()), e);
        }
    }

    private static String misfit(JsonMappingException e) {
        String field = field(e);
        if (e instanceof UnrecognizedPropertyException unknown) {
            return "unknown field '%s'; known here: %s. Maybe a newer version wrote it.".formatted(field,
                    unknown.getKnownPropertyIds());
        }
        if (e.getOriginalMessage().startsWith("Missing required creator property")) {
            return "field '%s' is missing. Maybe it was deleted by hand; a plan holds every field that `analyze` writes, or `removed` alone."
                    .formatted(field);
        }
        if (e.getOriginalMessage().startsWith("Trailing token")) {
            return "more follows behind the end of what is read. Maybe an edit left a bracket or a line too many.";
        }
        if (e.getCause() == null && e instanceof MismatchedInputException wrong) {
            return "%s is not %s".formatted(field.isEmpty() ? "the whole file" : "field '%s'".formatted(field),
                    wanted(wrong.getTargetType()));
        }
        Throwable cause = e.getCause() == null ? e : e.getCause();
        String why = cause instanceof JsonProcessingException j ? JsonDamage.words(j) : cause.getMessage();
        return "field '%s': %s".formatted(field.isEmpty() ? "(the whole file)" : field, why == null ? "is empty" : why);
    }

    private static String wanted(Class<?> type) {
        if (type == int.class || type == Integer.class || type == long.class || type == Long.class) {
            return "a whole number";
        }
        if (type == double.class || type == Double.class) {
            return "a number";
        }
        if (type == String.class) {
            return "a text";
        }
        return List.class.isAssignableFrom(type) || type == LayerSet.class
                ? "a list"
                : type.isRecord() ? "an object" : "what is expected here";
    }

    /// The field's place as people write it: `choices[1].scores[0].layers`.
    private static String field(JsonMappingException e) {
        var path = new StringBuilder();
        for (var step : e.getPath()) {
            if (step.getFieldName() == null) {
                path.append('[').append(step.getIndex()).append(']');
            } else {
                path.append(path.isEmpty() ? "" : ".").append(step.getFieldName());
            }
        }
        return path.toString();
    }

    /// A component of a record must be in the JSON unless its type is `@Nullable`.
    private static final class RequiredUnlessNullable extends JacksonAnnotationIntrospector {
        private static final long serialVersionUID = 1;

        @Override
        public @Nullable Boolean hasRequiredMarker(AnnotatedMember member) {
            return required(member).orElseGet(() -> super.hasRequiredMarker(member));
        }

        /// A `null` stands for a number that is not finite, and for nothing else that must be there.
        @Override
        public JsonSetter.Value findSetterInfo(Annotated a) {
            return required(a).orElse(false) && !a.getRawType().isPrimitive()
                    ? JsonSetter.Value.forValueNulls(Nulls.FAIL)
                    : super.findSetterInfo(a);
        }

        /// Empty where it is no component of a record.
        private static Optional<Boolean> required(Annotated member) {
            return member instanceof AnnotatedParameter parameter && parameter.getMember() instanceof Executable maker
                    && maker.getDeclaringClass().isRecord()
                            ? Optional.of(!maker.getAnnotatedParameterTypes()[parameter.getIndex()]
                                    .isAnnotationPresent(Nullable.class))
                            : Optional.empty();
        }
    }
}
