package dev.sglp;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.LineNumberInfo;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.lang.reflect.AccessFlag;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/// One class as the compiler left it.
record CompiledClass(ClassModel model) {
    private static final Path CLASSES = Path.of("target/classes");
    private static final Pattern NAME = Pattern.compile("(?:dev/sglp|org/bytedeco|java/lang)/[\\w/$]+");

    /// Every class of the product.
    static List<CompiledClass> all() {
        try (var files = Files.walk(CLASSES)) {
            return files.filter(f -> f.toString().endsWith(".class")).filter(f -> !f.endsWith("package-info.class"))
                    .sorted().map(CompiledClass::read).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static CompiledClass read(Path file) {
        try {
            return new CompiledClass(ClassFile.of().parse(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// For instance `dev/sglp/report/Json`.
    String name() {
        return model.thisClass().asInternalName();
    }

    String simpleName() {
        return name().substring(name().lastIndexOf('/') + 1);
    }

    /// The room it lies in, for instance `data` for `dev/sglp/data/image/Pixels`; `root` for the package above the rooms.
    String room() {
        return room(name());
    }

    static String room(String name) {
        var parts = name.split("/");
        return parts.length == 3 ? "root" : parts[2];
    }

    /// The classes it names anywhere: as types, in descriptors, in signatures.
    Set<String> names() {
        return StreamSupport.stream(model.constantPool().spliterator(), false).filter(Utf8Entry.class::isInstance)
                .map(e -> ((Utf8Entry) e).stringValue()).flatMap(text -> NAME.matcher(text).results())
                .map(match -> match.group().replaceAll("\\$+$", "")).collect(Collectors.toCollection(TreeSet::new));
    }

    /// Whether it reads or calls a member of another class.
    boolean uses(String owner, String member) {
        return StreamSupport.stream(model.constantPool().spliterator(), false).filter(MemberRefEntry.class::isInstance)
                .map(MemberRefEntry.class::cast)
                .anyMatch(e -> e.owner().asInternalName().equals(owner) && e.name().stringValue().equals(member));
    }

    boolean isRecord() {
        return model.findAttribute(Attributes.record()).isPresent();
    }

    /// Anonymous classes aside: nobody can name them.
    boolean canBeExtended() {
        return !name().matches(".*\\$\\d+") && !model.flags().has(AccessFlag.FINAL)
                && !model.flags().has(AccessFlag.INTERFACE)
                && !model.flags().has(AccessFlag.ENUM);
    }

    /// Methods that somebody wrote; no constructors, whose lines include the fields'.
    List<MethodModel> methods() {
        return model.methods().stream().filter(m -> !m.methodName().stringValue().startsWith("<")).toList();
    }

    /// From the first to the last line that has code; 0 where there is none.
    static int lines(MethodModel method) {
        var numbers = method.code().stream().flatMap(code -> code.findAttributes(Attributes.lineNumberTable()).stream())
                .flatMap(table -> table.lineNumbers().stream()).mapToInt(LineNumberInfo::lineNumber)
                .summaryStatistics();
        return numbers.getCount() == 0 ? 0 : numbers.getMax() - numbers.getMin() + 1;
    }
}
