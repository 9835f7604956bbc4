/// What a network's worth is told in.
@NullMarked
package dev.sglp.report.quality;

import org.jspecify.annotations.NullMarked;
