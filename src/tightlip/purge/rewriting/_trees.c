/* Ids in trees: what trees.py does, in native code.

   Trees come from repositories of strangers. Nothing is read before `at` or from `end` on. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <string.h>

enum { LONGEST_MODE = 6 };

typedef struct {
    const char **links; /* by a hash of the old id: the old id, and the new one after it */
    size_t mask;
    Py_ssize_t width;
} Links;

static size_t
hash(const Links *links, const char *oid)
{
    uint64_t first;
    memcpy(&first, oid, sizeof first);
    return (size_t)(first * 0x9E3779B97F4A7C15u >> 32) & links->mask;
}

static const char *
new_id(const Links *links, const char *oid)
{
    for (size_t in = hash(links, oid); links->links[in] != NULL; in = (in + 1) & links->mask) {
        if (memcmp(links->links[in], oid, (size_t)links->width) == 0) {
            return links->links[in] + links->width;
        }
    }
    return NULL;
}

/* Put the links into room that is never full. Return -1 with an exception set where one has another length. */
static int
fill(Links *links, PyObject *given)
{
    Py_ssize_t count = PyList_GET_SIZE(given);
    size_t room = 8;
    while (room < 2 * (size_t)count) {
        room *= 2;
    }
    links->mask = room - 1;
    links->links = PyMem_Calloc(room, sizeof *links->links);
    if (links->links == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t each = 0; each < count; each++) {
        PyObject *link = PyList_GET_ITEM(given, each);
        if (!PyBytes_Check(link) || PyBytes_GET_SIZE(link) != 2 * links->width) {
            PyErr_SetString(PyExc_ValueError, "a link is an old id and a new one");
            return -1;
        }
        const char *bytes = PyBytes_AS_STRING(link);
        size_t in = hash(links, bytes);
        while (links->links[in] != NULL) {
            in = (in + 1) & links->mask;
        }
        links->links[in] = bytes;
    }
    return 0;
}

/* Overwrite the ids of a tree. Return whether it is one to its end. */
static int
relink(const Links *links, char *at, const char *end)
{
    while (at < end) {
        char *space = memchr(at, ' ', (size_t)(end - at < LONGEST_MODE + 1 ? end - at : LONGEST_MODE + 1));
        char *nul = space == NULL ? NULL : memchr(space, 0, (size_t)(end - space));
        if (nul == NULL || end - nul - 1 < links->width) {
            return 0;
        }
        const char *new = new_id(links, nul + 1);
        if (new != NULL) {
            memcpy(nul + 1, new, (size_t)links->width);
        }
        at = nul + 1 + links->width;
    }
    return 1;
}

PyDoc_STRVAR(relinked_doc, "relinked(content, width, links)\n--\n\n"
    "Return a tree with other ids; None for a malformed one.\n\n"
    "Parameters: `width`, the bytes of an id; `links`, an old id and the new one after it, each.");

static PyObject *
relinked(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *content, *given, *result = NULL;
    Links links = {NULL, 0, 0};
    if (!PyArg_ParseTuple(args, "SnO!:relinked", &content, &links.width, &PyList_Type, &given)) {
        return NULL;
    }
    if (links.width < (Py_ssize_t)sizeof(uint64_t)) {
        PyErr_SetString(PyExc_ValueError, "an id has more bytes");
        return NULL;
    }
    if (fill(&links, given) == 0) {
        result = PyBytes_FromStringAndSize(PyBytes_AS_STRING(content), PyBytes_GET_SIZE(content));
    }
    if (result != NULL) {
        char *at = PyBytes_AS_STRING(result);
        if (!relink(&links, at, at + PyBytes_GET_SIZE(result))) {
            Py_SETREF(result, Py_NewRef(Py_None));
        }
    }
    PyMem_Free(links.links);
    return result;
}

static PyMethodDef functions[] = {
    {"relinked", relinked, METH_VARARGS, relinked_doc},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "tightlip.purge.rewriting._trees",
    .m_size = 0,
    .m_methods = functions,
};

PyMODINIT_FUNC
PyInit__trees(void)
{
    return PyModule_Create(&module);
}
