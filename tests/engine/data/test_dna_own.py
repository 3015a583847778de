"""DNA of the user's own: labelled strands and unlabelled ones, against counting by hand."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.engine.errors import SpecError
from rnnviz.engine.spec import TaskSpec
from rnnviz.engine.tasks import make_task
from rnnviz.engine.tasks.dna import BASES, MOTIF, DnaMotif

LABELLED = "sequence\tlabel\n" + "".join(
    f"{'ACGT' * (1 + i % 5)}{'GG' if i % 2 else 'TT'}\t{'yes' if i % 2 else 'no'}\n" for i in range(10)
)


def task_of(text, length=0):
    return make_task(TaskSpec(name="dna", text=text, length=length))


def strands(batch):
    return ["".join(BASES[index] for index in batch.ids[row, : batch.row_length(row)]) for row in range(len(batch))]


def genome(seed, size, motifs):
    rng = np.random.default_rng(seed)
    bases = "".join(rng.choice(list("ACG"), size))
    for place in motifs:
        bases = bases[:place] + MOTIF + bases[place + len(MOTIF) :]
    return bases


def test_labelled_strands_have_their_own_labels_and_every_fifth_is_held_out():
    task = task_of(LABELLED)
    assert task.output_labels == ("no", "yes")
    assert not task.makes_data
    assert isinstance(task, DnaMotif)
    assert task.baseline == pytest.approx(np.log(2))
    rows = LABELLED.split("\n")[1:11]
    kept = {row.split("\t")[0] for index, row in enumerate(rows, 1) if index % 5}
    batch = task.batch(np.random.default_rng(0), 200)
    assert set(strands(batch)) == kept
    held_out = task.validation_batch(np.random.default_rng(0), 2)
    assert set(strands(held_out)) == {rows[4].split("\t")[0], rows[9].split("\t")[0]}
    for drawn in (batch, held_out):
        for row, strand in enumerate(strands(drawn)):
            assert drawn.targets[row, len(strand) - 1] == int(strand.endswith("GG"))
            assert (drawn.targets[row, : len(strand) - 1] == -1).all()


def test_a_typed_strand_has_the_label_of_the_data_or_none():
    task = task_of(LABELLED)
    assert task.encode("acgtgg").targets.tolist() == [-1] * 5 + [1]
    unknown = task.encode("ACGTAC")
    assert (unknown.targets == -1).all()
    assert "not in the data" in unknown.notes[0]


def test_without_labels_half_of_the_pieces_hold_the_motif():
    text = "sequence\n" + "\n".join(genome(seed, 300, (40, 41 + 30, 200)) for seed in range(6)) + "\n"
    task = task_of(text)
    assert task.output_labels == ("no motif", "motif")
    source = text.split("\n")[1:7]
    for batch, places in (
        (task.batch(np.random.default_rng(1), 400), (0, 1, 2, 3, 5)),
        (task.validation_batch(np.random.default_rng(1), 400), (4,)),
    ):
        found = strands(batch)
        assert all(6 <= len(piece) <= task.length for piece in found)
        assert all(any(piece in source[place] for place in places) for piece in found)
        labels = [int(batch.targets[row, len(piece) - 1]) for row, piece in enumerate(found)]
        assert labels == [int(MOTIF in piece) for piece in found]
        assert 0.4 < np.mean(labels) < 0.6
    assert task.encode(source[0][30:60]).targets[-1] == 1


def test_a_single_strand_is_tested_on_its_end():
    bases = genome(3, 1000, (100, 300, 500, 700, 850, 950))
    task = task_of(f"sequence\n{bases}\n")
    learned, held_out = (
        list(strands(drawn(np.random.default_rng(0), 100))) for drawn in (task.batch, task.validation_batch)
    )
    assert len(learned) == len(held_out) == 100
    assert all(piece in bases[:800] for piece in learned)
    assert all(piece in bases[800:] for piece in held_out)
    short = task_of(f"sequence\n{genome(0, 40, (3,))}\n")
    assert short.validation_batch(np.random.default_rng(0), 4) is None


@pytest.mark.parametrize("place", [0, 5, 24])
def test_a_motif_at_either_end_of_a_strand_is_found(place):
    task = task_of(f"sequence\n{genome(1, 30, (place,))}\n{genome(2, 30, (place,))}\n")
    batch = task.batch(np.random.default_rng(2), 100)
    pieces = list(strands(batch))
    labels = [int(batch.targets[row, len(piece) - 1]) for row, piece in enumerate(pieces)]
    assert labels == [int(MOTIF in piece) for piece in pieces]
    assert set(labels) == {0, 1}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sequence\nACGTACGT\n", "stands nowhere"),
        ("sequence\nTATAAA\n", "stands everywhere"),
        ("sequence\tlabel\nACGT\tx\nGGGG\tx\n", "1 different label"),
        ("sequence\tlabel\nACGT\tx\nGGGG\n", "Line 3 is no strand of A, C, G and T with a tab and its label"),
        ("sequence\nACXT\n", "Line 2 is no strand"),
        ("strand\nACGT\n", "Line 1 is 'strand'"),
        ("sequence\n\n", "There is no strand"),
        (f"sequence\tlabel\n{'ACGT' * 20}\tx\n{'GGCC' * 20}\ty\n", "larger training length"),
    ],
)
def test_what_cannot_be_learned_is_refused(text, words):
    with pytest.raises(SpecError, match=words):
        task_of(text)


@pytest.mark.parametrize("text", [None, LABELLED])
def test_the_u_of_rna_is_read_as_t_where_it_is_typed_too(text):
    task = task_of(text)
    rna, dna = task.encode("gccuauaaaggcUC"), task.encode("gcctataaaggcTC")
    assert "".join(rna.tokens) == "gccuauaaaggcUC"
    assert rna.known.all()
    np.testing.assert_array_equal(rna.ids, dna.ids)
    np.testing.assert_array_equal(rna.targets, dna.targets)
    assert rna.notes == dna.notes


def test_strands_that_only_repeat_have_pieces_held_out_from_their_ends_or_none():
    strand = genome(7, 400, (30, 120, 210, 330, 370))
    task = task_of("sequence\n" + f"{strand}\n" * 10)
    assert "9 of 10 strands repeat an earlier one" in task.notes[0]
    assert all(piece in strand[320:] for piece in strands(task.validation_batch(np.random.default_rng(0), 50)))
    assert all(piece in strand[:320] for piece in strands(task.batch(np.random.default_rng(0), 50)))
    none = task_of("sequence\n" + f"{genome(7, 90, (30,))}\n" * 10)
    assert none.validation_batch(np.random.default_rng(0), 4) is None
    assert none.notes == (
        "Nothing is held out to test on: a fifth of the strands has too few new pieces with TATAAA and without it.",
    )
