package dev.sglp.cli.help;

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Field;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/// Lists a command's flags under headings, in the order they are declared in, with values as people write them. What is
/// read from the command line stays as it is.
public final class HelpLayout implements IModelTransformer {
    public HelpLayout() {}

    @Override
    public CommandSpec transform(CommandSpec command) {
        var usage = command.usageMessage();
        usage.customSynopsis(synopsis(command)).requiredOptionMarker('*');
        usage.sectionMap().put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, HelpLayout::flags);
        return command;
    }

    /// The command with all that it cannot do without.
    private static String synopsis(CommandSpec command) {
        var required = command.options().stream().filter(OptionSpec::required)
                .map(o -> o.longestName() + "=" + o.paramLabel());
        return Stream.of(Stream.of("${COMMAND-FULL-NAME}"),
                command.positionalParameters().stream().map(PositionalParamSpec::paramLabel), required,
                Stream.of("[OPTIONS]")).flatMap(words -> words).collect(Collectors.joining(" "));
    }

    private static String flags(Help help) {
        var under = shown(help.commandSpec()).stream().map(option -> said(help.commandSpec(), option))
                .collect(Collectors.groupingBy(HelpLayout::heading, () -> new EnumMap<>(Heading.class),
                        Collectors.mapping(HelpLayout::worded, Collectors.toList())));
        return under.entrySet().stream().map(e -> help.createHeading("%n" + e.getKey().title() + ":%n")
                + help.optionListExcludingGroups(e.getValue(), help.createDefaultLayout(), null,
                        help.parameterLabelRenderer()))
                .collect(Collectors.joining());
    }

    /// A command's flags without those that play no part in it.
    public static List<OptionSpec> shown(CommandSpec command) {
        var hidden = hidden(command.userObject());
        return command.options().stream().filter(o -> !hidden.contains(o.longestName())).toList();
    }

    private static List<String> hidden(Object command) {
        var without = command.getClass().getAnnotation(Without.class);
        return without == null ? List.of() : List.of(without.value());
    }

    /// As this command takes it.
    private static OptionSpec said(CommandSpec command, OptionSpec option) {
        return Arrays.stream(command.userObject().getClass().getAnnotationsByType(Says.class))
                .filter(says -> says.of().equals(option.longestName())).findFirst()
                .map(says -> option.toBuilder().description(says.value()).build()).orElse(option);
    }

    private static Heading heading(OptionSpec option) {
        var places = option.userObject() instanceof Field field
                ? Stream.<AnnotatedElement>of(field, field.getDeclaringClass())
                : Stream.<AnnotatedElement>empty();
        return places.map(p -> p.getAnnotation(Under.class)).filter(Objects::nonNull).findFirst().map(Under::value)
                .orElse(Heading.GENERAL);
    }

    /// A copy for the help alone.
    private static OptionSpec worded(OptionSpec option) {
        var copy = option.toBuilder();
        String known = option.completionCandidates() == null
                ? ""
                : StreamSupport.stream(option.completionCandidates().spliterator(), false)
                        .map(name -> name.toLowerCase(Locale.ROOT)).collect(Collectors.joining(", "));
        return copy.description(Arrays.stream(copy.description())
                .map(text -> text.replace("${COMPLETION-CANDIDATES}", known).replace("${DEFAULT-VALUE}",
                        written(option.initialValue())))
                .toArray(String[]::new)).build();
    }

    private static String written(@Nullable Object value) {
        return switch (value) {
            case Double number -> BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
            case Enum<?> name -> name.name().toLowerCase(Locale.ROOT);
            case null, default -> String.valueOf(value);
        };
    }
}
