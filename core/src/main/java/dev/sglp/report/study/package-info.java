/// Tables and pages that compare many plans of one network.
@NullMarked
package dev.sglp.report.study;

import org.jspecify.annotations.NullMarked;
