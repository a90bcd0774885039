package graph

import (
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/price"
	"zoomgraph/graph/program"
)

// Price tells what an operation costs at worst before anything is sent, as [price.Of] has it.
func Price(source *program.Program, doc *ast.QueryDocument, op *ast.OperationDefinition, variables map[string]any) (price.Price, error) {
	return price.Of(source, priceRules(), doc, op, variables)
}

// priceRules say what the fields cost that are answered by hand. Each stands beside its resolver.
func priceRules() price.Rules {
	return price.Rules{
		"User.groups":              {Calls: priceGroups},
		"User.effectiveSettings":   {Calls: priceEffective, Length: lengthOfEffective},
		"EffectiveSetting.because": {Length: lengthOfBecause},
		"Meeting.recording":        {Calls: (*price.Field).Read},
		"Room.metrics":             {Calls: priceRoomMetrics},
		"Room.issues":              {Calls: priceRoomIssues},
		"PhoneUser.site":           {Calls: pricePhoneSite},
		"Account.groupModel":       {Calls: func(*price.Field) {}}, // it is declared
		"Query.settingsDrift":      {Calls: priceDrift, Around: pricedPolicy},
		"SettingsDrift.deviations": {Length: lengthOfDeviations},
		"Deviation.wanted":         {Weight: weightOfWanted},
		"Deviation.source":         {Calls: priceSource},
		"Deviation.groupId":        {Calls: priceSource},
		"Deviation.certainty":      {Calls: priceSource},
	}
}
