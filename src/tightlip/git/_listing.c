/* Entries of tree objects, and in which a tree differs from another: what listing.py does, in a fortieth of the time.

   Trees come from repositories of strangers. Nothing is read before `here` or from `end` on: an entry counts only when
   all of it lies between them. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <string.h>

/* ---- growing arrays ---- */

typedef struct {
    char *data;
    size_t used, room;
} Bytes;

static int
append(Bytes *to, const void *data, size_t size)
{
    if (size > to->room - to->used) {
        size_t room = to->room ? to->room : 1024;
        while (room - to->used < size) {
            if (room > (size_t)PY_SSIZE_T_MAX / 2) {
                PyErr_NoMemory();
                return -1;
            }
            room *= 2;
        }
        char *grown = PyMem_RawRealloc(to->data, room);
        if (grown == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        to->data = grown;
        to->room = room;
    }
    if (size) {
        memcpy(to->data + to->used, data, size);
        to->used += size;
    }
    return 0;
}

static int
append_number(Bytes *to, int64_t value)
{
    return append(to, &value, sizeof value);
}

static size_t
count_of(const Bytes *numbers)
{
    return numbers->used / sizeof(int64_t);
}

static PyObject *
taken(Bytes *from)
{
    PyObject *result = PyBytes_FromStringAndSize(from->data, (Py_ssize_t)from->used);
    from->used = 0;
    return result;
}

/* ---- distinct byte strings, numbered ---- */

typedef struct {
    Bytes text;    /* all of them, one after the other */
    Bytes ends;    /* int64: where each ends in it */
    Bytes hashes;  /* uint64: of each */
    uint32_t *slots;
    size_t mask;   /* slots - 1; 0 before there are any */
} Distinct;

static uint64_t
hash_of(const char *data, size_t size, uint64_t seed)
{
    uint64_t hash = seed ^ (size * 0x9E3779B97F4A7C15u);
    while (size) {
        uint64_t word = 0;
        size_t part = size < 8 ? size : 8;
        memcpy(&word, data, part);
        hash = (hash ^ word) * 0xD6E8FEB86659FD93u;
        hash ^= hash >> 32;
        hash = hash * 0xD6E8FEB86659FD93u + seed;
        hash ^= hash >> 29;
        data += part;
        size -= part;
    }
    return hash;
}

static int
more_slots(Distinct *set)
{
    size_t size = set->mask ? (set->mask + 1) * 2 : 1024;
    size_t count = count_of(&set->ends);
    uint32_t *slots = PyMem_RawCalloc(size, sizeof *slots);
    if (slots == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    const uint64_t *hashes = (const uint64_t *)set->hashes.data;
    for (size_t number = 0; number < count; number++) {
        size_t at = hashes[number] & (size - 1);
        while (slots[at]) {
            at = (at + 1) & (size - 1);
        }
        slots[at] = (uint32_t)number + 1;
    }
    PyMem_RawFree(set->slots);
    set->slots = slots;
    set->mask = size - 1;
    return 0;
}

/* Return the number of a string; -1 with an exception. */
static int64_t
number_of(Distinct *set, const char *data, size_t size, uint64_t seed)
{
    size_t count = count_of(&set->ends);
    if ((count + 1) * 2 > set->mask) {
        if (count >= UINT32_MAX / 4) {
            PyErr_NoMemory();
            return -1;
        }
        if (more_slots(set) < 0) {
            return -1;
        }
    }
    uint64_t hash = hash_of(data, size, seed);
    const uint64_t *hashes = (const uint64_t *)set->hashes.data;
    const int64_t *ends = (const int64_t *)set->ends.data;
    size_t at = hash & set->mask;
    while (set->slots[at]) {
        size_t number = set->slots[at] - 1;
        if (hashes[number] == hash) {
            size_t start = number ? (size_t)ends[number - 1] : 0;
            if ((size_t)ends[number] - start == size && memcmp(set->text.data + start, data, size) == 0) {
                return (int64_t)number;
            }
        }
        at = (at + 1) & set->mask;
    }
    size_t text_before = set->text.used;
    if (append(&set->text, data, size) < 0 || append(&set->hashes, &hash, sizeof hash) < 0 ||
        append_number(&set->ends, (int64_t)set->text.used) < 0) {
        set->text.used = text_before; /* a process goes on to its next task when there was no memory for one */
        set->hashes.used = count * sizeof hash;
        return -1;
    }
    set->slots[at] = (uint32_t)count + 1;
    return (int64_t)count;
}

static void
forget(Distinct *set)
{
    set->text.used = set->ends.used = set->hashes.used = 0;
    if (set->slots != NULL) {
        memset(set->slots, 0, (set->mask + 1) * sizeof *set->slots);
    }
}

static void
release(Distinct *set)
{
    PyMem_RawFree(set->text.data);
    PyMem_RawFree(set->ends.data);
    PyMem_RawFree(set->hashes.data);
    PyMem_RawFree(set->slots);
}

/* ---- entries ---- */

enum { NORMAL = 0, SUBMODULE = 1, GONE = 2 };

typedef struct {
    const char *start, *name, *oid, *end; /* the name ends one byte, its NUL, before the id */
} Entry;

/* Find the entry that begins at `here`. Return 1, 0 where there is none, and -1 where there is none from there on either:
   whoever goes on looking at every byte of a long text without a NUL would take for ever. */
static int
entry_at(const char *here, const char *end, size_t width, Entry *entry)
{
    const char *name = here;
    if (end - here < 7) {
        return 0;
    }
    if (memcmp(here, "40000 ", 6) == 0) {
        name += 6;
    } else if (memcmp(here, "040000 ", 7) == 0) {
        name += 7;
    } else {
        if (here[0] != '1' || here[6] != ' ') {
            return 0;
        }
        for (int at = 1; at < 6; at++) {
            if (here[at] < '0' || here[at] > '7') {
                return 0;
            }
        }
        name += 7;
    }
    const char *nul = memchr(name, 0, (size_t)(end - name));
    if (nul == NULL || (size_t)(end - nul) <= width) {
        return -1;
    }
    if (nul == name) {
        return 0;
    }
    *entry = (Entry){here, name, nul + 1, nul + 1 + width};
    return 1;
}

static int
is_folder(const Entry *entry)
{
    return entry->start[0] != '1';
}

/* Compare names as git sorts them: a folder's as if it ended in a slash. */
static int
compared(const Entry *one, const Entry *other)
{
    size_t size = (size_t)(one->oid - 1 - one->name), others = (size_t)(other->oid - 1 - other->name);
    int result = memcmp(one->name, other->name, size < others ? size : others);
    if (result || size == others) {
        return result;
    }
    unsigned char next = size > others ? (unsigned char)one->name[others] : is_folder(one) ? '/' : 0;
    unsigned char others_next = others > size ? (unsigned char)other->name[size] : is_folder(other) ? '/' : 0;
    return next < others_next ? -1 : 1;
}

static int
have_one_name(const Entry *one, const Entry *other)
{
    size_t size = (size_t)(one->oid - one->name); /* with the NUL */
    return size == (size_t)(other->oid - other->name) && memcmp(one->name, other->name, size) == 0;
}

/* Return how many bytes two texts begin with in common. */
static size_t
common(const char *one, const char *end, const char *other, const char *others_end)
{
    size_t most = (size_t)(end - one), size = (size_t)(others_end - other), same = 0;
    if (size < most) {
        most = size;
    }
    for (size_t step = 1024; step >= 16; step /= 4) {
        while (most - same >= step && memcmp(one + same, other + same, step) == 0) {
            same += step;
        }
    }
    while (same < most && one[same] == other[same]) {
        same++;
    }
    return same;
}

/* ---- the type ---- */

typedef struct {
    PyObject_HEAD
    size_t width;
    uint64_t seed;
    Distinct entries; /* as in the trees; of one that is gone "0", name and an id of zeros */
    Distinct names;
    Bytes rows, bases, sizes; /* int64, by tree */
    Bytes held;               /* uint32: entries of the first tree, then those of the next */
    Bytes made;               /* an entry that is being put together */
    PyObject *damaged;        /* rows of trees whose entries are not all of their bytes */
} Listing;

static int
hold(Listing *self, const char *start, const char *end)
{
    int64_t number = number_of(&self->entries, start, (size_t)(end - start), self->seed);
    if (number < 0) {
        return -1;
    }
    uint32_t entry = (uint32_t)number;
    return append(&self->held, &entry, sizeof entry);
}

static int
hold_gone(Listing *self, const Entry *entry)
{
    static const char zeros[64] = {0};
    self->made.used = 0;
    if (append(&self->made, "0 ", 2) < 0 ||
        append(&self->made, entry->name, (size_t)(entry->oid - entry->name)) < 0 ||
        append(&self->made, zeros, self->width) < 0) {
        return -1;
    }
    return hold(self, self->made.data, self->made.data + self->made.used);
}

/* Note that what was held since is the tree's. Parameters: `whole`, what came of holding it; return the same. */
static int
note_tree(Listing *self, int whole, int64_t row, int64_t base, size_t held_before)
{
    int64_t size = (int64_t)((self->held.used - held_before) / sizeof(uint32_t));
    size_t before = self->rows.used;
    PyObject *damaged = whole == 0 ? PyLong_FromLongLong(row) : NULL;
    if (whole < 0 || (whole == 0 && (damaged == NULL || PySet_Add(self->damaged, damaged) < 0)) ||
        append_number(&self->rows, row) < 0 || append_number(&self->bases, base) < 0 ||
        append_number(&self->sizes, size) < 0) {
        self->rows.used = self->bases.used = self->sizes.used = before;
        self->held.used = held_before;
        whole = -1;
    }
    Py_XDECREF(damaged);
    return whole;
}

/* Whether a tree that was noted is not known to be damaged; -1 on error. */
static int
is_sound(Listing *self, int64_t row)
{
    if (PySet_GET_SIZE(self->damaged) == 0) {
        return 1;
    }
    PyObject *number = PyLong_FromLongLong(row);
    int found = number == NULL ? -1 : PySet_Contains(self->damaged, number);
    Py_XDECREF(number);
    return found < 0 ? -1 : !found;
}

/* Hold all entries that there are between bytes that are none. Return 1, 0 where there were such bytes, -1 on error. */
static int
hold_all(Listing *self, const char *here, const char *end)
{
    int whole = 1;
    Entry entry;
    while (here < end) {
        int found = entry_at(here, end, self->width, &entry);
        if (found < 0) {
            return 0;
        }
        if (!found) {
            whole = 0;
            here++;
            continue;
        }
        if (hold(self, entry.start, entry.end) < 0) {
            return -1;
        }
        here = entry.end;
    }
    return whole;
}

/* Hold the entries that a tree has and its base has not, and for those that only the base has that they are gone.
   Return 1, 0 where one of them is damaged, as far as they were looked at, -1 on error. */
static int
hold_changes(Listing *self, const char *base, const char *base_end, const char *own, const char *own_end)
{
    Entry had, has, next, last = {own, own, own, own}; /* what `own` has passed last; at first nothing, with no name */
    int have_had = 0, have_has = 0; /* whether they are what `base` and `own` are at */
    while (base < base_end || own < own_end) {
        if (!have_had && !have_has) {
            const char *same = own + common(base, base_end, own, own_end);
            if (same == own_end && same - own == base_end - base) {
                break; /* the rest is the base's */
            }
            while (entry_at(own, same, self->width, &has) == 1) {
                base += has.end - own;
                own = has.end;
                last = has;
            }
        }
        if (!have_had && base < base_end && !(have_had = entry_at(base, base_end, self->width, &had) == 1)) {
            return 0;
        }
        if (!have_has && own < own_end && !(have_has = entry_at(own, own_end, self->width, &has) == 1)) {
            return 0;
        }
        if (!have_had && !have_has) {
            break;
        }
        int order = !have_has ? -1 : !have_had ? 1 : compared(&had, &has);
        const Entry *told = order < 0 ? &had : &has;
        if (have_one_name(&last, told) || (order < 0 && have_has && have_one_name(&has, told)) ||
            (order >= 0 && entry_at(has.end, own_end, self->width, &next) == 1 && have_one_name(&next, told))) {
            return 0; /* git makes no tree with a name twice, and a change of one would be taken for one of both */
        }
        if (order < 0) {
            if (hold_gone(self, &had) < 0) {
                return -1;
            }
        } else if (hold(self, has.start, has.end) < 0) {
            return -1;
        }
        if (order <= 0) {
            base = had.end;
            have_had = 0;
        }
        if (order >= 0) {
            own = has.end;
            have_has = 0;
            last = has;
        }
    }
    return 1;
}

static int
listing_whole(Listing *self, int64_t row, const Py_buffer *content)
{
    size_t before = self->held.used;
    int whole = hold_all(self, content->buf, (const char *)content->buf + content->len);
    return note_tree(self, whole, row, -1, before);
}

PyDoc_STRVAR(whole_doc, "whole(row, content)\n--\n\nNote all entries of a tree; return whether they are all of its bytes.");

static PyObject *
Listing_whole(Listing *self, PyObject *args)
{
    long long row;
    Py_buffer content;
    if (!PyArg_ParseTuple(args, "Ly*:whole", &row, &content)) {
        return NULL;
    }
    int whole = listing_whole(self, row, &content);
    PyBuffer_Release(&content);
    return whole < 0 ? NULL : PyBool_FromLong(whole);
}

PyDoc_STRVAR(changed_doc, "changed(row, content, base_row, base)\n--\n\n"
    "Note how a tree differs from its base; return whether its entries are all of its bytes.");

static PyObject *
Listing_changed(Listing *self, PyObject *args)
{
    long long row, base_row;
    Py_buffer content, base;
    if (!PyArg_ParseTuple(args, "Ly*Ly*:changed", &row, &content, &base_row, &base)) {
        return NULL;
    }
    size_t before = self->held.used;
    const char *own = content.buf, *others = base.buf;
    int whole = is_sound(self, base_row); /* else what they have in common, and is not looked at, may be damaged */
    if (whole == 1) {
        whole = hold_changes(self, others, others + base.len, own, own + content.len);
    }
    if (whole == 0) {
        self->held.used = before;
        whole = listing_whole(self, row, &content);
    } else {
        whole = note_tree(self, whole, row, base_row, before);
    }
    PyBuffer_Release(&content);
    PyBuffer_Release(&base);
    return whole < 0 ? NULL : PyBool_FromLong(whole);
}

/* Fill by entry: the label, the id, and the kind. */
static int
take_apart(Listing *self, int64_t *labels, char *oids, char *kinds)
{
    const int64_t *ends = (const int64_t *)self->entries.ends.data;
    size_t count = count_of(&self->entries.ends);
    const char *start = self->entries.text.data;
    for (size_t entry = 0; entry < count; entry++) {
        const char *end = self->entries.text.data + ends[entry];
        const char *oid = end - self->width;
        const char *name = (const char *)memchr(start, ' ', (size_t)(oid - start)) + 1;
        labels[entry] = number_of(&self->names, name, (size_t)(oid - 1 - name), self->seed);
        if (labels[entry] < 0) {
            return -1;
        }
        memcpy(oids + entry * self->width, oid, self->width);
        kinds[entry] = start[0] == '0' && start[1] == ' ' ? GONE : memcmp(start, "160000 ", 7) == 0 ? SUBMODULE : NORMAL;
        start = end;
    }
    return 0;
}

static PyObject *
names_of(Listing *self)
{
    const int64_t *ends = (const int64_t *)self->names.ends.data;
    size_t count = count_of(&self->names.ends);
    PyObject *names = PyList_New((Py_ssize_t)count);
    for (size_t at = 0, start = 0; names != NULL && at < count; start = (size_t)ends[at], at++) {
        PyObject *name = PyBytes_FromStringAndSize(self->names.text.data + start, (Py_ssize_t)((size_t)ends[at] - start));
        if (name == NULL) {
            Py_CLEAR(names);
            break;
        }
        PyList_SET_ITEM(names, (Py_ssize_t)at, name);
    }
    return names;
}

PyDoc_STRVAR(done_doc, "done()\n--\n\nReturn everything noted, and forget it: names, and the bytes of labels (int64), ids and kinds\n"
    "(uint8) by entry, of rows, bases and sizes (int64) by tree, and of the entries (uint32) of all trees.");

static PyObject *
Listing_done(Listing *self, PyObject *Py_UNUSED(ignored))
{
    Py_ssize_t count = (Py_ssize_t)count_of(&self->entries.ends);
    PyObject *names = NULL, *result = NULL;
    PyObject *labels = PyBytes_FromStringAndSize(NULL, count * (Py_ssize_t)sizeof(int64_t));
    PyObject *oids = PyBytes_FromStringAndSize(NULL, count * (Py_ssize_t)self->width);
    PyObject *kinds = PyBytes_FromStringAndSize(NULL, count);
    if (labels && oids && kinds &&
        take_apart(self, (int64_t *)PyBytes_AS_STRING(labels), PyBytes_AS_STRING(oids), PyBytes_AS_STRING(kinds)) == 0 &&
        (names = names_of(self)) != NULL) {
        result = Py_BuildValue("OOOONNNN", names, labels, oids, kinds, taken(&self->rows), taken(&self->bases),
                               taken(&self->sizes), taken(&self->held));
        forget(&self->entries);
        forget(&self->names);
        PySet_Clear(self->damaged);
    }
    Py_XDECREF(names);
    Py_XDECREF(labels);
    Py_XDECREF(oids);
    Py_XDECREF(kinds);
    return result;
}

static PyObject *
Listing_new(PyTypeObject *type, PyObject *args, PyObject *Py_UNUSED(kwargs))
{
    Py_ssize_t width;
    unsigned long long seed;
    if (!PyArg_ParseTuple(args, "nK:Listing", &width, &seed)) {
        return NULL;
    }
    if (width != 20 && width != 32) {
        PyErr_SetString(PyExc_ValueError, "an id has 20 or 32 bytes");
        return NULL;
    }
    Listing *self = (Listing *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->width = (size_t)width;
    self->seed = seed;
    self->damaged = PySet_New(NULL);
    if (self->damaged == NULL) {
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

static void
Listing_dealloc(Listing *self)
{
    PyTypeObject *type = Py_TYPE(self);
    release(&self->entries);
    release(&self->names);
    Bytes *arrays[] = {&self->rows, &self->bases, &self->sizes, &self->held, &self->made};
    for (size_t at = 0; at < sizeof arrays / sizeof *arrays; at++) {
        PyMem_RawFree(arrays[at]->data);
    }
    Py_XDECREF(self->damaged);
    type->tp_free((PyObject *)self);
    Py_DECREF(type);
}

static PyMethodDef Listing_methods[] = {
    {"whole", (PyCFunction)Listing_whole, METH_VARARGS, whole_doc},
    {"changed", (PyCFunction)Listing_changed, METH_VARARGS, changed_doc},
    {"done", (PyCFunction)Listing_done, METH_NOARGS, done_doc},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot Listing_slots[] = {
    {Py_tp_doc, "Listing(width, seed)\n--\n\nNotes entries of trees. `width` is the bytes of an id, `seed` a random number."},
    {Py_tp_new, Listing_new},
    {Py_tp_dealloc, Listing_dealloc},
    {Py_tp_methods, Listing_methods},
    {0, NULL},
};

static PyType_Spec Listing_spec = {
    .name = "tightlip.git._listing.Listing",
    .basicsize = sizeof(Listing),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = Listing_slots,
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "tightlip.git._listing",
    .m_size = 0,
};

PyMODINIT_FUNC
PyInit__listing(void)
{
    PyObject *made = PyModule_Create(&module);
    PyObject *type = PyType_FromSpec(&Listing_spec);
    if (made == NULL || type == NULL || PyModule_AddObject(made, "Listing", type) < 0) {
        Py_XDECREF(made);
        Py_XDECREF(type);
        return NULL;
    }
    return made;
}
