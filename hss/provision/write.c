/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include "aka/codec.h"
#include "hss/provision/provision.h"

void provision_write_option(const char *name, const char *value, FILE *out)
{
	if (!value[0])
		return;
	fprintf(out, " %s=\"", name);
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			putc('\\', out);
		putc(*value, out);
	}
	putc('"', out);
}

static void write_octets(const char *name, struct slice octets, FILE *out)
{
	char hex[2 * (AKA_K_MAX > AKA_OP_MAX ? AKA_K_MAX : AKA_OP_MAX) + 1];

	hex_encode((const uint8_t *)octets.p, octets.len, hex);
	fprintf(out, " %s=%s", name, hex);
	explicit_bzero(hex, sizeof(hex));
}

static void write_aka(const struct impi *p, bool keys, FILE *out)
{
	bool tuak = p->key.algorithm == AKA_TUAK;
	char amf[5];

	if (keys) {
		write_octets("k", aka_key_k(&p->key), out);
		write_octets(tuak ? "topc" : "opc", aka_key_opc(&p->key), out);
	}
	if (tuak)
		fprintf(out, " algorithm=tuak res=%d keccak=%d", 8 * p->key.res_len,
			p->key.tuak.iterations);
	hex_encode(p->amf, 2, amf);
	fprintf(out, " amf=%s sqn=%012" PRIx64, amf, p->sqn);
}

static void write_private(const struct impi *p, bool keys, FILE *out)
{
	fprintf(out, "\tprivate %s", p->name);
	if (!impi_by_digest(p))
		write_aka(p, keys, out);
	else if (keys)
		fprintf(out, " ha1=%s realm=%s", p->ha1, p->realm);
	else
		fprintf(out, " realm=%s", p->realm);
	if (p->msisdn[0])
		fprintf(out, " msisdn=%s", p->msisdn);
	if (p->imsi[0])
		fprintf(out, " imsi=%s", p->imsi);
	if (p->giba)
		fputs(" giba=yes", out);
	putc('\n', out);
}

static void write_public(const struct subscription *sub, const struct impu *u, FILE *out)
{
	const char *separator = " for=";

	fprintf(out, "\tpublic %s set=%u profile=%u%s%s%s", u->uri, u->set, u->profile,
		u->service ? " service" : "", u->inactive ? " inactive" : "",
		u->barred ? " barred" : "");
	if (u->alias)
		fprintf(out, " alias=%u", u->alias);
	if (u->masked[0])
		fprintf(out, " masked=%s", u->masked);
	provision_write_option("display", u->display, out);
	if (u->impis != (1u << sub->n_impi) - 1)
		for (size_t i = 0; i < sub->n_impi; i++)
			if (u->impis & 1u << i) {
				fprintf(out, "%s%s", separator, sub->impi[i].name);
				separator = ",";
			}
	putc('\n', out);
}

static void write_ifc(const struct ifc *f, bool of_set, FILE *out)
{
	fprintf(out, "\tifc priority=%u", f->priority);
	if (!of_set)
		fprintf(out, " profile=%u", f->profile);
	provision_write_option("server", f->as, out);
	provision_write_option("trigger", f->trigger, out);
	provision_write_option("service-info", f->service_info, out);
	if (f->dsai[0])
		fprintf(out, " dsai=%s", f->dsai);
	fprintf(out, " default=%s%s%s%s\n", f->terminate ? "terminate" : "continue",
		f->part == IFC_REGISTERED     ? " part=registered"
		: f->part == IFC_UNREGISTERED ? " part=unregistered"
					      : "",
		f->include_request ? " include-register-request" : "",
		f->include_response ? " include-register-response" : "");
}

static void write_numbers(const char *name, const uint32_t *v, size_t n, FILE *out)
{
	for (size_t i = 0; i < n; i++)
		fprintf(out, "%s%s%u", i ? "" : name, i ? "," : "=", v[i]);
}

void provision_write(const struct subscription *sub, bool keys, FILE *out)
{
	const struct capabilities *caps = &sub->capabilities;
	const struct charging *c = &sub->charging;

	fputs("subscription\n", out);
	for (size_t i = 0; i < sub->n_impi; i++)
		write_private(&sub->impi[i], keys, out);
	for (size_t i = 0; i < sub->n_impu; i++)
		write_public(sub, &sub->impu[i], out);
	for (size_t i = 0; i < sub->n_ifc; i++)
		write_ifc(&sub->ifc[i], false, out);
	for (size_t i = 0; i < sub->n_shared; i++)
		fprintf(out, "\tshared set=%u profile=%u\n", sub->shared[i].set,
			sub->shared[i].profile);
	if (sub->has_capabilities) {
		fputs("\tcapabilities", out);
		write_numbers(" mandatory", caps->mandatory, caps->n_mandatory, out);
		write_numbers(" optional", caps->optional, caps->n_optional, out);
		provision_write_option("server", caps->server, out);
		/* none at all are something else than the configured ones */
		fputs(caps->n_mandatory || caps->n_optional || caps->server[0] ? "\n"
									       : " server=\n",
		      out);
	}
	if (sub->has_charging) {
		fputs("\tcharging", out);
		provision_write_option("ccf", c->ccf[0], out);
		provision_write_option("ccf2", c->ccf[1], out);
		provision_write_option("ecf", c->ecf[0], out);
		provision_write_option("ecf2", c->ecf[1], out);
		putc('\n', out);
	}
	for (size_t i = 0; i < sub->n_visited; i++)
		fprintf(out, "%s %s%s", i ? "" : "\tvisited", sub->visited[i],
			i + 1 == sub->n_visited ? "\n" : "");
	fputs("end\n", out);
}

void provision_write_set(uint32_t set, const struct subscription *criteria, FILE *out)
{
	fprintf(out, "shared-ifcs %u\n", set);
	for (size_t i = 0; i < criteria->n_ifc; i++)
		write_ifc(&criteria->ifc[i], true, out);
	fputs("end\n", out);
}
