/* SPDX-License-Identifier: Apache-2.0 */
/* jinja_inside: what jinja.c and jinja_expr.c share, for them alone. */
#ifndef FORMAT_JINJA_INSIDE_H
#define FORMAT_JINJA_INSIDE_H

#include "format/jinja.h"
#include "format/jinja_grammar.h"
#include "format/jinja_lex.h"
#include "format/jinja_value.h"

enum {
	LEVELS = 48,    /* open brackets that are followed */
	NAMES = 256,    /* names that the template sets */
	VARIABLES = 32, /* of those, constants that are followed */
	BRANCHES = 64,  /* open if blocks */
	JINJA_EVIDENCE = 80,
	NAME_MAX_SEEN = 48, /* of a filter or method */
};

/* What the bracket of a level is. */
enum role {
	ROLE_PLAIN,
	ROLE_INDEX,
	ROLE_LIST,
	ROLE_CALL,
	ROLE_FILTER,
	ROLE_METHOD
};

struct level {
	enum role role;
	bool operand;        /* value holds something */
	char operation;      /* between whole and value, 0 for none */
	struct jvalue whole; /* operands so far */
	struct jvalue value; /* the present operand */
	struct jvalue list;  /* elements that are complete */
	bool elements;       /* list holds some */
	bool times;          /* factor "*" value */
	struct jvalue factor;
	struct jvalue target;     /* what is called, filtered or indexed */
	char name[NAME_MAX_SEEN]; /* of the filter or method */
	size_t name_size;
	char slice[8]; /* the signs and numbers of an index */
	unsigned slice_size;
};

/* A name whose meaning the next token decides. */
enum pending { PENDING_NONE, PENDING_NAME, PENDING_ATTRIBUTE, PENDING_FILTER };

struct variable {
	uint64_t name;
	struct jvalue value;
};

struct jinja {
	struct visit *v;
	uint64_t base; /* where the template stands */
	struct jinja_lex lex;
	struct jinja_grammar grammar;
	struct jinja_result *result;
	struct level levels[LEVELS];
	unsigned depth;
	unsigned beyond; /* brackets deeper than LEVELS */
	enum pending pending;
	const char *name;
	size_t name_size;
	bool after_dot, after_bar, after_is, after_string;
	/* the statement */
	const char *word; /* "set", "if", ...; "" for an expression */
	size_t word_size;
	bool naming;      /* names up to "=" or "in" are set here */
	uint64_t set_one; /* the name of {% set name = ... %} */
	unsigned set_count;
	/* names that are the template's own */
	uint64_t names[NAMES];
	unsigned name_count;
	struct variable variables[VARIABLES];
	unsigned variable_count;
	/* conditions on the conversation */
	/* texts that become values: macros, set and filter blocks */
	unsigned captures;
	bool asks;         /* a word is looked for, in ... */
	bool asks_content; /* ... the content of a message */
	bool triggers[BRANCHES];
	unsigned branches;
	unsigned prose; /* words put out in the present branch */
	char trigger[JINJA_EVIDENCE];
	size_t trigger_size;
	bool messages, roles;
	/* for "explain": the statement at hand, and the worst said of it */
	size_t opened, worst_at;
	enum verdict worst;
	const char *why; /* static */
	bool told;       /* a line was written */
};

/* A line of the statement that ends at byte end, if something was said of it.
 */
void jinja_line(struct jinja *j, size_t end);

/* A line of a text that is added when the conversation holds a word. */
void jinja_line_trigger(struct jinja *j);

/* Report a word, unless it is clean. */
void jinja_say(struct jinja *j, enum verdict verdict, const char *why,
    const char *s, size_t n);

/* Look a word up in one of the tables of jinja_word.h and report it. */
typedef enum verdict jinja_word_fn(const char *s, size_t n, const char **why);
void jinja_word(struct jinja *j, jinja_word_fn *judge, const char *s, size_t n);

/* The innermost level. */
struct level *jinja_top(struct jinja *j);

/* The template sets this name itself. */
void jinja_name_set(struct jinja *j, const char *s, size_t n);

/* The name that was set last has this value. */
void jinja_variable_set(struct jinja *j, const struct jvalue *value);

/* Judge a constant, as written or as put together. */
void jinja_constant(struct jinja *j, const char *s, size_t n);

/* Join the present operand to those before it. */
void jinja_combine(struct jinja *j);

/* An operator behind an operand. */
void jinja_operator(struct jinja *j, char operation);

/* Words and comparisons end an expression; what follows is another. */
void jinja_restart(struct jinja *j);

/* A "*" behind an operand, which binds before the others do. */
void jinja_times(struct jinja *j);

/* A comma: the expression is an element. */
void jinja_element(struct jinja *j);

/* An operand. */
void jinja_operand(struct jinja *j, const struct jvalue *value);

/* A bracket opens; of a filter or method, j->name is its name. */
void jinja_open(struct jinja *j, enum role role);

/* A bracket closes, and its value is the operand. */
void jinja_close(struct jinja *j);

/* The next token says what the last name was. Returns the role that an opening
 * parenthesis has now. */
enum role jinja_resolve(struct jinja *j, char next);

#endif /* FORMAT_JINJA_INSIDE_H */
