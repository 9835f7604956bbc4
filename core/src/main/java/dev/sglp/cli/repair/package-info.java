/// Flags of the repair, and the command that repairs what others pruned.
@org.jspecify.annotations.NullMarked
package dev.sglp.cli.repair;
