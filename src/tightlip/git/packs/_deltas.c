/* Deltas: what deltas.py does, in native code.

   Deltas come from repositories of strangers. Every size in one is checked against the bytes that there are before it is
   used. Source of the format: gitformat-pack. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
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

static PyMethodDef functions[] = {
    {"applied", applied, METH_VARARGS, applied_doc},
    {"brought", brought, METH_VARARGS, brought_doc},
    {"moved", moved, METH_VARARGS, moved_doc},
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
