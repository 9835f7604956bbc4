package dev.sglp.cli.tuning;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DifferenceTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            full, Settings[epochs=3, seed=0]   | full, Settings[epochs=13, seed=0] | epochs=3          | epochs=13
            Settings[epochs=3, seed=0]         | Settings[epochs=4, seed=1]        | epochs=3, seed=0  | epochs=4, seed=1
            S[epochs=3, rate=1, seed=0]        | S[epochs=4, rate=1, seed=1]       | epochs=3, seed=0  | epochs=4, seed=1
            full of abcdef on images           | full of abcxef on images          | abcdef            | abcxef
            nothing known                      | full                              | nothing known     | full
            full                               | full and more                     | full              | full and more
            """)
    void onlyTheWordsThatDifferAreNamed(String kept, String asked, String there, String wanted) {
        assertThat(Difference.of(kept, asked)).isEqualTo(new Difference(there, wanted));
        assertThat(Difference.of(asked, kept)).isEqualTo(new Difference(wanted, there));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            S[peak=0.01, warmUp=0]       | S[peak=0.5, warmUp=0]        | --learning-rate 0.01 there, 0.5 asked for
            S[epochs=1, seed=0]          | S[epochs=2, seed=7]          | --epochs 1 there, 2 asked for; --seed 0 there, 7 asked for
            A[padding=4, mirror=true]    | A[padding=0, mirror=false]   | --no-augment asked for, not there
            A[padding=0, mirror=false]   | A[padding=4, mirror=true]    | --no-augment there, not asked for
            S[shape=Steps[at=[0.5, 0.75], factor=0.1], e=1] | S[shape=Cosine[], e=1] | --schedule step there, cosine asked for
            criterion=Magnitude[], kept=none | criterion=GradNorm[absence=IDENTITY], kept=0 | --criterion magnitude there, gradnorm asked for; --protect none there, 0 asked for
            R[kept=0 1 2, k=3]           | R[kept=0 2, k=3]             | --protect 0,1,2 there, 0,2 asked for
            G[absence=REINIT, draws=1]   | G[absence=IDENTITY, draws=1] | --criterion gradnorm there, gradnorm-skip asked for
            C[criterion=Letter[form=RESET, draws=1, batches=B[count=2]]] | C[criterion=Letter[form=ACCUMULATED, draws=1, batches=B[count=2]]] | --reading letter there, letter-accumulated asked for
            C[criterion=Letter[form=RESET, draws=1, batches=B[count=2]]] | C[criterion=GradNorm[absence=REINIT, draws=1, precision=P]] | --criterion gradnorm --reading letter there, gradnorm asked for
            P[precision=FLOAT32, k=1]    | P[precision=BFLOAT16, k=1]   | 'precision=FLOAT32' there, 'precision=BFLOAT16' asked for
            target=Count[remove=2], k=3  | target=Ratio[ratio=0.2], k=3 | --remove 2 there, --ratio 0.2 asked for
            S[k=0] of images             | S[k=3] of words              | --segments auto there, 3 asked for; 'images' there, 'words' asked for
            full of abcdef on images     | full of abcxef on images     | 'abcdef' there, 'abcxef' asked for
            e=1 3a7bd3e2360a3d293a7bd3e2360a3d29 | e=1 ffffd3e2360a3d293a7bd3e2360a3d29 | '3a7bd3e2360a…' there, 'ffffd3e2360a…' asked for
            full                         | full and more                | nothing there, 'and more' asked for
            """)
    void whatFlagsAreBehindIsToldInFlags(String kept, String asked, String told) {
        assertThat(Difference.of(kept, asked)).hasToString(told);
    }
}
