/* Deltas: what deltas.py and encoding.py do, in native code.

   Deltas come from repositories of strangers. Every size in one is checked against the bytes that there are before it is
   used. Source of the format: gitformat-pack. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const unsigned char *at, *end;
    uint64_t source, target; /* bytes of the base and of the result, as the delta says */
    uint64_t done;           /* bytes of the result so far */
} Walk;

typedef struct {
    int is_copy;
    uint64_t from; /* where in the base a copy begins */
    uint64_t size;
    const unsigned char *inserted;
} Step;

enum { BAD = -1, END = 0, MORE = 1 };

static int
read_size(Walk *walk, uint64_t *value)
{
    *value = 0;
    for (int shift = 0; shift < 56 && walk->at < walk->end; shift += 7) {
        unsigned char byte = *walk->at++;
        *value |= (uint64_t)(byte & 127) << shift;
        if (byte < 128) {
            return MORE;
        }
    }
    return BAD;
}

static int
begin(Walk *walk, const Py_buffer *delta)
{
    walk->at = delta->buf;
    walk->end = walk->at + delta->len;
    walk->source = walk->target = walk->done = 0;
    return read_size(walk, &walk->source) == MORE && read_size(walk, &walk->target) == MORE ? MORE : BAD;
}

/* Read the bytes of a number of which the bits of `present` say whether they are there, the lowest first. */
static int
read_sparse(Walk *walk, int present, uint64_t *value)
{
    *value = 0;
    for (int shift = 0; present; shift += 8, present >>= 1) {
        if (present & 1) {
            if (walk->at == walk->end) {
                return BAD;
            }
            *value |= (uint64_t)*walk->at++ << shift;
        }
    }
    return MORE;
}

/* Go on to the next instruction. It lies within the base and the result, or the delta is bad. */
static int
next_step(Walk *walk, Step *step)
{
    if (walk->at == walk->end) {
        return walk->done == walk->target ? END : BAD;
    }
    unsigned char op = *walk->at++;
    step->is_copy = op >= 128;
    if (step->is_copy) {
        if (read_sparse(walk, op & 15, &step->from) == BAD || read_sparse(walk, op >> 4 & 7, &step->size) == BAD) {
            return BAD;
        }
        if (step->size == 0) {
            step->size = 1 << 16;
        }
        if (step->from > walk->source || step->size > walk->source - step->from) {
            return BAD;
        }
    } else {
        step->size = op;
        step->inserted = walk->at;
        if (op == 0 || op > walk->end - walk->at) {
            return BAD;
        }
        walk->at += op;
    }
    if (step->size > walk->target - walk->done) {
        return BAD;
    }
    walk->done += step->size;
    return MORE;
}

/* ---- applied ---- */

PyDoc_STRVAR(applied_doc, "applied(base, delta, limit)\n--\n\n"
    "Return what a delta makes of its base; None where it is damaged, of another base, or makes more bytes than `limit`.");

static PyObject *
applied(PyObject *Py_UNUSED(module), PyObject *args)
{
    Py_buffer base, delta;
    Py_ssize_t limit;
    if (!PyArg_ParseTuple(args, "y*y*n:applied", &base, &delta, &limit)) {
        return NULL;
    }
    Walk walk;
    Step step;
    PyObject *result = NULL;
    if (begin(&walk, &delta) == BAD || walk.source != (uint64_t)base.len || limit < 0 || walk.target > (uint64_t)limit) {
        goto done;
    }
    result = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)walk.target);
    if (result == NULL) {
        goto failed;
    }
    char *to = PyBytes_AS_STRING(result);
    int state;
    while ((state = next_step(&walk, &step)) == MORE) {
        memcpy(to, step.is_copy ? (const unsigned char *)base.buf + step.from : step.inserted, (size_t)step.size);
        to += step.size;
    }
    if (state == BAD) {
        Py_CLEAR(result);
    }
done:
    if (result == NULL) {
        result = Py_NewRef(Py_None);
    }
failed:
    PyBuffer_Release(&base);
    PyBuffer_Release(&delta);
    return result;
}

/* ---- brought ---- */

typedef struct {
    PyObject *list;
    uint64_t start, end; /* the last span, not in the list yet; both 0 before there is one */
    uint64_t margin, most, covered, target;
    int any;
} Spans;

static int
flush(Spans *spans)
{
    if (!spans->any) {
        return 0;
    }
    PyObject *start = PyLong_FromUnsignedLongLong(spans->start), *end = PyLong_FromUnsignedLongLong(spans->end);
    PyObject *span = start && end ? PySlice_New(start, end, NULL) : NULL;
    int failed = span == NULL || PyList_Append(spans->list, span) < 0;
    Py_XDECREF(span);
    Py_XDECREF(start);
    Py_XDECREF(end);
    return failed ? -1 : 0;
}

/* Add a span, with the margin. Return 0, 1 where they cover too much by now, -1 on error. */
static int
add(Spans *spans, uint64_t start, uint64_t end)
{
    start = start > spans->margin ? start - spans->margin : 0;
    end = spans->target - end > spans->margin ? end + spans->margin : spans->target;
    if (spans->any && start <= spans->end) {
        if (end > spans->end) {
            spans->covered += end - spans->end;
            spans->end = end;
        }
    } else {
        if (flush(spans) < 0) {
            return -1;
        }
        spans->any = 1;
        spans->start = start;
        spans->end = end;
        spans->covered += end - start;
    }
    return spans->covered > spans->most;
}

PyDoc_STRVAR(brought_doc, "brought(delta, margin, most)\n--\n\n"
    "Return the spans of a delta's result that its base does not have as they stand, with `margin` bytes on both sides;\n"
    "None where they are more than `most` bytes together, or the delta is damaged.");

static PyObject *
brought(PyObject *Py_UNUSED(module), PyObject *args)
{
    Py_buffer delta;
    Py_ssize_t margin, most;
    if (!PyArg_ParseTuple(args, "y*nn:brought", &delta, &margin, &most)) {
        return NULL;
    }
    Walk walk;
    Step step = {0};
    uint64_t expected = 0; /* where in the base a copy would go on from */
    int state = begin(&walk, &delta), before_is_copy = 1, full = 0;
    Spans spans = {PyList_New(0), 0, 0, (uint64_t)margin, (uint64_t)most, 0, walk.target, 0};
    if (spans.list == NULL) {
        goto failed;
    }
    while (state == MORE && !full && (state = next_step(&walk, &step)) == MORE) {
        uint64_t start = walk.done - step.size;
        if (!step.is_copy) {
            full = add(&spans, start, walk.done);
        } else {
            if (before_is_copy && step.from != expected) {
                full = add(&spans, start, start);
            }
            expected = step.from + step.size;
        }
        before_is_copy = step.is_copy;
    }
    if (state == END && !full && before_is_copy && expected != walk.source) {
        full = add(&spans, walk.target, walk.target);
    }
    if (full < 0 || flush(&spans) < 0) {
        Py_CLEAR(spans.list);
    } else if (full || state == BAD) {
        Py_SETREF(spans.list, Py_NewRef(Py_None));
    }
failed:
    PyBuffer_Release(&delta);
    return spans.list;
}

/* ---- moved ---- */

PyDoc_STRVAR(moved_doc, "moved(delta, ends)\n--\n\n"
    "Return where a delta puts bytes that it copies: for each place that the byte before it is copied to, which of `ends`\n"
    "it is, and the place in the result.");

static PyObject *
moved(PyObject *Py_UNUSED(module), PyObject *args)
{
    Py_buffer delta;
    PyObject *ends;
    if (!PyArg_ParseTuple(args, "y*O!:moved", &delta, &PyList_Type, &ends)) {
        return NULL;
    }
    Py_ssize_t count = PyList_GET_SIZE(ends);
    unsigned long long *places = PyMem_New(unsigned long long, count ? count : 1);
    PyObject *result = places ? PyList_New(0) : PyErr_NoMemory();
    for (Py_ssize_t at = 0; result != NULL && at < count; at++) {
        places[at] = PyLong_AsUnsignedLongLong(PyList_GET_ITEM(ends, at));
        if (places[at] == (unsigned long long)-1 && PyErr_Occurred()) {
            Py_CLEAR(result);
        }
    }
    Walk walk;
    Step step;
    int state = begin(&walk, &delta);
    while (result != NULL && state == MORE && (state = next_step(&walk, &step)) == MORE) {
        for (Py_ssize_t at = 0; step.is_copy && at < count; at++) {
            if (places[at] > step.from && places[at] - step.from <= step.size) {
                unsigned long long place = walk.done - step.size + places[at] - step.from;
                PyObject *found = Py_BuildValue("nK", at, place);
                if (found == NULL || PyList_Append(result, found) < 0) {
                    Py_CLEAR(result);
                }
                Py_XDECREF(found);
                if (result == NULL) {
                    break;
                }
            }
        }
    }
    PyMem_Free(places);
    PyBuffer_Release(&delta);
    return result;
}

/* ---- between ---- */

enum { BLOCK = 16, SHORTEST = 8, LONGEST_INSERT = 127, LONGEST_COPY = 1 << 16, INSTRUCTION = 7 };

typedef struct {
    unsigned char *start, *at, *end; /* of the room for the delta */
} Out;

static int
put_size(Out *out, uint64_t size)
{
    do {
        if (out->at == out->end) {
            return BAD;
        }
        *out->at++ = (unsigned char)((size & 127) | (size > 127 ? 128 : 0));
    } while (size >>= 7);
    return MORE;
}

static int
put_inserts(Out *out, const unsigned char *bytes, size_t size)
{
    while (size) {
        size_t now = size < LONGEST_INSERT ? size : LONGEST_INSERT;
        if ((size_t)(out->end - out->at) < now + 1) {
            return BAD;
        }
        *out->at++ = (unsigned char)now;
        memcpy(out->at, bytes, now);
        out->at += now;
        bytes += now;
        size -= now;
    }
    return MORE;
}

static int
put_copies(Out *out, size_t from, size_t size)
{
    while (size) {
        size_t now = size < LONGEST_COPY ? size : LONGEST_COPY;
        unsigned char op[INSTRUCTION] = {128};
        ptrdiff_t length = 1;
        for (int byte = 0; byte < 4; byte++) {
            if (from >> 8 * byte & 255) {
                op[0] |= (unsigned char)(1 << byte);
                op[length++] = (unsigned char)(from >> 8 * byte & 255);
            }
        }
        for (int byte = 0; byte < 2; byte++) { /* 64 KiB is written as no size at all */
            if (now >> 8 * byte & 255) {
                op[0] |= (unsigned char)(16 << byte);
                op[length++] = (unsigned char)(now >> 8 * byte & 255);
            }
        }
        if (out->end - out->at < length) {
            return BAD;
        }
        memcpy(out->at, op, (size_t)length);
        out->at += length;
        from += now;
        size -= now;
    }
    return MORE;
}

static size_t
bucket(const unsigned char *block, int bits)
{
    uint64_t first, second;
    memcpy(&first, block, 8);
    memcpy(&second, block + 8, 8);
    return (size_t)((first * 0x9E3779B97F4A7C15u ^ (second * 0xC2B2AE3D27D4EB4Fu >> 7)) * 0x9E3779B97F4A7C15u >> (64 - bits));
}

/* Put instructions for `own`, of which the base has blocks somewhere. The base begins at `before` in all of it. */
static int
put_middle(Out *out, const unsigned char *base, size_t base_size, const unsigned char *own, size_t size, size_t before)
{
    int bits = 6;
    while (bits < 20 && (size_t)BLOCK << (bits - 1) < base_size) {
        bits++;
    }
    uint32_t *places = base_size < BLOCK || size < BLOCK ? NULL : calloc((size_t)1 << bits, sizeof *places);
    if (places == NULL) {
        return put_inserts(out, own, size);
    }
    for (size_t at = 0; at + BLOCK <= base_size; at += BLOCK) {
        size_t in = bucket(base + at, bits);
        if (!places[in]) {
            places[in] = (uint32_t)at + 1;
        }
    }
    size_t done = 0, at = 0;
    int state = MORE;
    while (state == MORE && at + BLOCK <= size) {
        size_t from = places[bucket(own + at, bits)];
        if (!from-- || memcmp(base + from, own + at, BLOCK) != 0) {
            at++;
            continue;
        }
        size_t length = BLOCK;
        while (at > done && from && base[from - 1] == own[at - 1]) {
            from--, at--, length++;
        }
        while (at + length < size && from + length < base_size && base[from + length] == own[at + length]) {
            length++;
        }
        state = put_inserts(out, own + done, at - done);
        state = state == MORE ? put_copies(out, before + from, length) : state;
        done = at += length;
    }
    free(places);
    return state == MORE ? put_inserts(out, own + done, size - done) : state;
}

static size_t
same_start(const unsigned char *one, const unsigned char *other, size_t most)
{
    size_t same = 0;
    while (same + 64 <= most && memcmp(one + same, other + same, 64) == 0) {
        same += 64;
    }
    while (same < most && one[same] == other[same]) {
        same++;
    }
    return same < SHORTEST ? 0 : same;
}

static size_t
same_end(const unsigned char *one, const unsigned char *other, size_t most) /* both are where they end */
{
    size_t same = 0;
    while (same + 64 <= most && memcmp(one - same - 64, other - same - 64, 64) == 0) {
        same += 64;
    }
    while (same < most && one[-(ptrdiff_t)same - 1] == other[-(ptrdiff_t)same - 1]) {
        same++;
    }
    return same < SHORTEST ? 0 : same;
}

/* Put instructions that copy what stands at the same place in both, and insert the rest. */
static int
put_in_place(Out *out, const unsigned char *base, const unsigned char *own, size_t size)
{
    size_t at = 0, same = 0; /* what is neither copied nor inserted yet, and how much of it is the same so far */
    int state = MORE;
    for (size_t here = 0; state == MORE && here < size; same = 0) {
        while (here + BLOCK <= size && memcmp(base + here, own + here, BLOCK) == 0) {
            here += BLOCK;
            same += BLOCK;
        }
        while (here < size && base[here] == own[here]) {
            here++;
            same++;
        }
        if (same >= SHORTEST) {
            state = put_inserts(out, own + at, here - same - at);
            state = state == MORE ? put_copies(out, here - same, same) : state;
            at = here;
        }
        while (here < size && base[here] != own[here]) {
            here++;
        }
    }
    return state == MORE ? put_inserts(out, own + at, size - at) : state;
}

/* Put instructions that copy what both begin and end with, and what else of the base is in `own`. */
static int
put_apart(Out *out, const unsigned char *base, size_t base_size, const unsigned char *own, size_t size)
{
    size_t shorter = base_size < size ? base_size : size, head = same_start(base, own, shorter);
    size_t tail = same_end(base + base_size, own + size, shorter - head);
    int state = put_copies(out, 0, head);
    if (state == MORE) {
        state = put_middle(out, base + head, base_size - head - tail, own + head, size - head - tail, head);
    }
    return state == MORE ? put_copies(out, base_size - tail, tail) : state;
}

static int
put_delta(Out *out, const unsigned char *base, size_t base_size, const unsigned char *own, size_t size)
{
    if (put_size(out, base_size) == BAD || put_size(out, size) == BAD) {
        return BAD;
    }
    if (size == base_size) { /* mostly two versions of a tree; where a quarter is not enough, they are not */
        Out little = {out->start, out->at, out->end};
        if ((size_t)(out->end - out->at) > size / 4) {
            little.end = out->at + size / 4;
        }
        if (put_in_place(&little, base, own, size) == MORE) {
            out->at = little.at;
            return MORE;
        }
    }
    return put_apart(out, base, base_size, own, size);
}

PyDoc_STRVAR(between_doc, "between(base, own, most)\n--\n\n"
    "Return a delta that makes `own` of its base; None where it would have more than `most` bytes.");

static PyObject *
between(PyObject *Py_UNUSED(module), PyObject *args)
{
    Py_buffer base, own;
    Py_ssize_t most;
    if (!PyArg_ParseTuple(args, "y*y*n:between", &base, &own, &most)) {
        return NULL;
    }
    PyObject *result = NULL;
    const unsigned char *from = base.buf, *to = own.buf;
    size_t base_size = (size_t)base.len, size = (size_t)own.len;
    size_t enough = 64 + size + size / 64; /* no instruction takes more than what it makes, but for one byte in 127 */
    enough = most < 0 ? 0 : (size_t)most < enough ? (size_t)most : enough;
    unsigned char *room = base_size > UINT32_MAX || size > UINT32_MAX ? NULL : malloc(enough + 1);
    if (room != NULL) {
        Out out = {room, room, room + enough};
        if (put_delta(&out, from, base_size, to, size) == MORE) {
            result = PyBytes_FromStringAndSize((char *)out.start, out.at - out.start);
        } else {
            result = Py_NewRef(Py_None);
        }
        free(room);
    } else {
        result = Py_NewRef(Py_None);
    }
    PyBuffer_Release(&base);
    PyBuffer_Release(&own);
    return result;
}

static PyMethodDef functions[] = {
    {"applied", applied, METH_VARARGS, applied_doc},
    {"brought", brought, METH_VARARGS, brought_doc},
    {"moved", moved, METH_VARARGS, moved_doc},
    {"between", between, METH_VARARGS, between_doc},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "tightlip.git.packs._deltas",
    .m_size = 0,
    .m_methods = functions,
};

PyMODINIT_FUNC
PyInit__deltas(void)
{
    return PyModule_Create(&module);
}
