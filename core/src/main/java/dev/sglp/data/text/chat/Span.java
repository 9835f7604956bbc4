package dev.sglp.data.text.chat;

/// Some consecutive characters of a text.
///
/// @param from the first
/// @param to   behind the last
public record Span(int from, int to) {}
