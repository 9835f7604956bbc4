package dev.sglp.cli.help;

/// What flags are for, in the order of the help.
public enum Heading {
    STUDY("Study"), DATA("Data"), GENERATION("Generation"), CHOICE("Choice"), GRADNORM("GradNorm"), SIMILARITY(
            "Similarity and segments"), REPAIR(
                    "Repair"), HEALING("Healing"), TRAINING("Training"), OUTPUT("Output"), GENERAL("General");

    private final String title;

    Heading(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }
}
