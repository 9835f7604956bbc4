package dev.sglp.cli.help;

import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// What the help of a command says of a flag that it shares with others and takes in its own way.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@Repeatable(Says.All.class)
public @interface Says {
    /// With its dashes.
    String of();

    /// Instead of what others say.
    String value();

    /// Several.
    @Retention(RetentionPolicy.RUNTIME)
    @Target(ElementType.TYPE)
    @interface All {
        Says[] value();
    }
}
